import { createHash, createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { stringify } from "yaml";
import type { SecretFile } from "../remote/file";
import type { ApiServerPart } from "./kubeadm-model";

export interface EncryptionSettings {
  /** How new Secrets are written. secretbox is faster and checks integrity; aescbc is there for old clusters. */
  readonly provider: "secretbox" | "aescbc";
  /** Raising it by one makes a new key that everything is written with from then on; older keys keep reading. */
  readonly keyGeneration: number;
}

const configPath = "/etc/kubernetes/encryption.yaml";
const providers = ["secretbox", "aescbc"] as const;

/** Flag and file of the API server. */
export const encryptionPart: ApiServerPart = {
  flags: { "encryption-provider-config": configPath },
  volumes: [{ name: "encryption-config", path: configPath, readOnly: true, type: "File" }],
};

/** Material of one key of the configuration; 32 bytes, of which each cipher gets a key of its own. */
export interface EncryptionKey {
  readonly generation: number;
  readonly material: string;
}

/**
 * Keys of the API server for Secrets in etcd, in Pulumi's encrypted state. Losing that state loses the Secrets of
 * every snapshot, hence `protect`.
 */
export class EncryptionAtRest extends pulumi.ComponentResource {
  /** Goes to every control plane, before kubeadm runs; secret. */
  readonly file: SecretFile;
  /** Changes with the file, which the API server reads when it starts. */
  readonly digest: pulumi.Output<string>;

  constructor(
    name: string,
    args: EncryptionSettings & { readonly protect: boolean },
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:control-plane:EncryptionAtRest", name, {}, options);
    const keys = generationsOf(args.keyGeneration).map((generation) => {
      const key = new random.RandomPassword(
        `${name}-key${generation}`,
        { length: 64, special: false },
        { parent: this, protect: args.protect },
      );
      return key.result.apply((material): EncryptionKey => ({ generation, material }));
    });
    const content = pulumi.secret(
      pulumi.all(keys).apply((all) => renderEncryptionConfig(args.provider, args.keyGeneration, all)),
    );
    this.file = { path: configPath, mode: "0600", owner: "root:root", content };
    // Of random keys a digest gives nothing away, and as plain text it keeps the diff of the other steps readable.
    this.digest = pulumi.unsecret(
      content.apply((text) => createHash("sha256").update(text).digest("hex").slice(0, 16)),
    );
    this.registerOutputs({});
  }
}

/**
 * The keys that exist: all up to the one in use, and the next one. API servers get a new file one after the other, so
 * for minutes one writes with a key that the others must be able to read: they have had it all along.
 */
export function generationsOf(keyGeneration: number): number[] {
  return Array.from({ length: keyGeneration + 1 }, (_, index) => index + 1);
}

/** A key per cipher from one material: both ciphers with the very same key would be a needless risk. */
function secretOf(provider: string, { material }: EncryptionKey): string {
  return createHmac("sha256", material).update(`mesh-platform ${provider}`).digest("base64");
}

/**
 * The first provider with its first key writes; all of them read. The other cipher reads too, so that changing
 * `provider` leaves nothing unreadable, and `identity` reads what was written before encryption was turned on.
 */
export function renderEncryptionConfig(
  provider: EncryptionSettings["provider"],
  keyGeneration: number,
  keys: readonly EncryptionKey[],
): string {
  const rank = ({ generation }: EncryptionKey) => (generation > keyGeneration ? -generation : generation);
  const ordered = [...keys].sort((a, b) => rank(b) - rank(a));
  if (ordered[0]?.generation !== keyGeneration)
    throw new Error(`there is no key of generation ${keyGeneration}`);
  const entry = (name: string) => ({
    [name]: {
      keys: ordered.map((key) => ({ name: `key${key.generation}`, secret: secretOf(name, key) })),
    },
  });
  return stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [
          entry(provider),
          ...providers.filter((other) => other !== provider).map(entry),
          { identity: {} },
        ],
      },
    ],
  });
}
