/** Reading and classifying keys. */
import { createPrivateKey, type KeyObject } from "node:crypto";

export type KeyAlgorithm = "RSA" | "ECDSA" | "ED25519";

/** The name that the provider has for a key's algorithm. */
export function keyAlgorithm(key: KeyObject): KeyAlgorithm {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    default:
      throw new Error(`a key of type ${key.asymmetricKeyType} is not supported`);
  }
}

/** Reads a private key; a failure names the property and never quotes the key. */
export function readPrivateKey(pem: string, property: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`'${property}' is not a private key in PEM form`);
  }
}
