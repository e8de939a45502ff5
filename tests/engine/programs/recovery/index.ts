/** A quick step and a slow one, for a run that is killed half-way. */
import * as command from "@pulumi/command";
import * as tls from "@pulumi/tls";

const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
const slow = new command.local.Command(
  "slow",
  { create: process.env.SCRIPT ?? "echo done" },
  { dependsOn: key },
);

export const publicKey = key.publicKeyOpenssh;
export const stdout = slow.stdout;
