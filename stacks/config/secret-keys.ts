/** Of the keys in a stack's file, before a colon. */
export const NAMESPACE = "mesh-platform";

/** Secret, and an object: names that the rest of the config refers to, with a certificate and a key each. */
export const CERTIFICATES = "gatewayCertificates";

/** The keys that are read apart from the schema because they are secret, and what each is. */
export const secretKeys = {
  sshPrivateKey: "Private SSH key for an inventory",
  droneGiteaClientSecret: "Secret of the OAuth2 application of Drone in Gitea",
  rateLimitRedisPassword: "Password of the Redis that traffic.rateLimits.service.redis names",
  [CERTIFICATES]: "Certificates of others for the gateways: a certificate and a privateKey by name, as JSON",
} as const;

/** Those of them that are one text. */
export type SecretKey = Exclude<keyof typeof secretKeys, typeof CERTIFICATES>;

/** Whether a key is no part of the schema. */
export const isSecret = (key: string): key is keyof typeof secretKeys => Object.hasOwn(secretKeys, key);
