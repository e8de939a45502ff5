import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  EncryptionAtRest,
  type EncryptionSettings,
  generationsOf,
  renderEncryptionConfig,
} from "../../../components/control-plane/encryption";
import { record } from "../../support/recorder";

const keys = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ generation: index + 1, material: `material ${index + 1}` }));

type Provider = Record<string, { keys: { name: string; secret: string }[] }>;

function providers(provider: EncryptionSettings["provider"], generation: number): Provider[] {
  const text = renderEncryptionConfig(provider, generation, keys(generation + 1));
  return parse(text).resources[0].providers;
}
const names = (provider: Provider | undefined) =>
  Object.values(provider ?? {}).flatMap((entry) => entry.keys.map(({ name }) => name));

describe("renderEncryptionConfig", () => {
  it("encrypts Secrets, and reads what was written in clear before", () => {
    const config = parse(renderEncryptionConfig("secretbox", 1, keys(2)));
    expect(config).toMatchObject({
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "EncryptionConfiguration",
      resources: [{ resources: ["secrets"] }],
    });
    expect(providers("secretbox", 1).map((entry) => Object.keys(entry)[0])).toEqual([
      "secretbox",
      "aescbc",
      "identity",
    ]);
  });

  it("writes with the newest key in use, and can already read with the one after it", () => {
    expect(names(providers("secretbox", 1)[0])).toEqual(["key1", "key2"]);
    expect(names(providers("secretbox", 3)[0])).toEqual(["key3", "key2", "key1", "key4"]);
  });

  it("leaves nothing unreadable while API servers change one after the other", () => {
    for (const [before, after] of [
      [providers("secretbox", 1), providers("secretbox", 2)],
      [providers("secretbox", 2), providers("aescbc", 2)],
    ] as const) {
      const readable = (list: Provider[]) =>
        list.flatMap((entry) =>
          Object.entries(entry).flatMap(([cipher, { keys: own }]) =>
            (own ?? []).map(({ name, secret }) => `${cipher} ${name} ${secret}`),
          ),
        );
      const [writtenAfter = ""] = readable(after);
      const [writtenBefore = ""] = readable(before);
      expect(readable(before)).toContain(writtenAfter);
      expect(readable(after)).toContain(writtenBefore);
    }
  });

  it("has keys of 32 bytes, another for each cipher", () => {
    const all = providers("aescbc", 2)
      .slice(0, 2)
      .flatMap((entry) => Object.values(entry).flatMap(({ keys: own }) => own.map(({ secret }) => secret)));
    expect(all.map((secret) => Buffer.from(secret, "base64").length)).toEqual([32, 32, 32, 32, 32, 32]);
    expect(new Set(all).size).toBe(6);
  });

  it("refuses a generation without a key", () => {
    expect(() => renderEncryptionConfig("secretbox", 3, keys(2))).toThrow("there is no key of generation 3");
  });
});

describe("generationsOf", () => {
  it("is one more than are in use", () => {
    expect(generationsOf(1)).toEqual([1, 2]);
    expect(generationsOf(3)).toEqual([1, 2, 3, 4]);
  });
});

describe("EncryptionAtRest", () => {
  it("keeps its keys and its file secret, not its digest", async () => {
    let made: EncryptionAtRest | undefined;
    const recording = await record(async () => {
      made = new EncryptionAtRest("encryption", { provider: "secretbox", keyGeneration: 2, protect: true });
      return { digest: made.digest };
    });
    expect(
      recording.resources.map(({ name }) => name).filter((name) => name.startsWith("encryption")),
    ).toEqual(["encryption", "encryption-key1", "encryption-key2", "encryption-key3"]);
    expect(
      recording.resources
        .filter(({ name }) => name.startsWith("encryption-key"))
        .every(({ protect }) => protect),
    ).toBe(true);
    expect(await pulumi.isSecret(pulumi.output(made?.file.content))).toBe(true);
    expect(recording.stackOutputs()).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(made?.file).toMatchObject({
      path: "/etc/kubernetes/encryption.yaml",
      mode: "0600",
      owner: "root:root",
    });
  });
});
