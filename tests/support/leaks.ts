import { hideSecrets } from "./markers";
import { testKey } from "./pems";
import { testPassword } from "./provider-mocks";
import { input, type Recording, type Registration } from "./recording";

/** Something that must never be readable, and where it comes from. */
export interface Canary {
  readonly what: string;
  readonly text: string;
}

/** Where a canary is readable: a resource's name, an output or a log line. */
export interface Leak {
  readonly where: string;
  readonly what: string;
}

/**
 * Every private key and the secret half of every token in a recorded program. Of a key a line of its middle: the
 * first and the last are alike in every key. The other half of a token names it and is no secret.
 */
export function canariesOf(recording: Recording): Canary[] {
  const keys = recording
    .all("tls:index/privateKey:PrivateKey")
    .map(({ name }) => ({ what: name, text: testKey(name).privateKeyPem.split("\n")[2] ?? "" }));
  const tokens = recording
    .all("random:index/randomPassword:RandomPassword")
    .filter(({ name }) => !name.endsWith("-id"))
    .map((token) => ({ what: token.name, text: testPassword(token.name, Number(input(token, "length"))) }));
  return [...keys, ...tokens];
}

/** Everything that Pulumi prints or stores in clear, searched as it stands and below any number of base64 layers. */
export function findLeaks(recording: Recording, canaries: readonly Canary[]): Leak[] {
  const places = [
    ...recording.resources.map((resource) => ({ where: resource.name, text: clearText(resource) })),
    ...recording.outputs.map(({ name, values }) => ({
      where: `outputs of ${name}`,
      text: JSON.stringify(hideSecrets(values)),
    })),
    ...recording.log.map((line) => ({ where: "log", text: line })),
  ];
  return places.flatMap(({ where, text }) => {
    const readable = decoded(text).join("\n");
    return canaries.filter((canary) => readable.includes(canary.text)).map(({ what }) => ({ where, what }));
  });
}

/** URN, options and all inputs that are not marked secret. */
function clearText(resource: Registration): string {
  return JSON.stringify({ ...resource, inputs: hideSecrets(resource.inputs) });
}

/** The text, and what its base64 words say, and theirs. */
function decoded(text: string): string[] {
  const words = text.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? [];
  const inner = words
    .map((word) => Buffer.from(word, "base64").toString("latin1"))
    .filter((plain) => /^[\t\n\r -~]+$/.test(plain));
  return [text, ...inner.flatMap(decoded)];
}
