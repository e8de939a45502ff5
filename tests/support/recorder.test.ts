import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { expect, it } from "vitest";
import { UNKNOWN, valueAt } from "./markers";
import { record } from "./recorder";
import { input, isSecret } from "./recording";

class Pair extends pulumi.ComponentResource {
  constructor() {
    super("test:index:Pair", "pair");
    const password = new random.RandomPassword("password", { length: 16 }, { parent: this, protect: true });
    const first = new local.Command("first", { create: "true", stdin: password.result }, { parent: this });
    const second = new local.Command(
      "second",
      { create: "true" },
      { parent: this, dependsOn: [first], deletedWith: first },
    );
    this.registerOutputs({ said: first.stdout, done: second.urn });
  }
}

const build = (preview: boolean) =>
  record(
    async () => {
      new Pair();
      await pulumi.log.info("said in passing");
      return { answer: pulumi.secret(42) };
    },
    { preview },
  );

it("keeps what mocks do not see: parents, order, options, outputs and the log", async () => {
  const recording = await build(false);
  expect(recording.names()).toEqual(["pair", "password", "first", "second"]);
  expect(recording.path("second", "password")).toEqual(["second", "first", "password"]);
  expect(recording.path("password", "second")).toBeUndefined();
  const second = recording.find("second");
  expect([recording.nameOf(second.parent), recording.nameOf(second.deletedWith)]).toEqual(["pair", "first"]);
  expect(recording.find("password").protect).toBe(true);
  expect(recording.outputs.find(({ name }) => name === "pair")?.values).toMatchObject({ done: second.urn });
  expect(recording.log.join("\n")).toContain("said in passing");
});

it("passes secrecy on as the engine does: from output to input, to what the step prints, to the stack", async () => {
  const recording = await build(false);
  expect([isSecret(recording.find("first"), "stdin"), isSecret(recording.find("second"), "create")]).toEqual([
    true,
    false,
  ]);
  expect(input(recording.find("first"), "stdin")).toMatch(/^[a-z]{16}$/);
  const pair = recording.outputs.find(({ name }) => name === "pair")?.values ?? null;
  expect(valueAt(pair, ["said"]).secret).toBe(true);
  expect(recording.stackOutputs()).toMatchObject({ answer: { value: 42 } });
});

it("leaves computed outputs unknown in a preview", async () => {
  expect(input((await build(true)).find("first"), "stdin")).toBe(UNKNOWN);
});

it("fails with the program's own error, and records the next program afresh", async () => {
  await expect(record(() => Promise.reject(new Error("no such host")))).rejects.toThrow("no such host");
  expect((await build(false)).names()).toHaveLength(4);
});
