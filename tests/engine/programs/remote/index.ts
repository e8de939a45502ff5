/** Commands over SSH. The environment says where the server of the test is and what to run. */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const {
  SSH_PORT = "22",
  SSH_KEY = "",
  SSH_HOST_KEY = "",
  SSH_PROXY_PORT,
  SSH_PASSWORD,
  SSH_KEY_PASSWORD,
  SCRIPT = "cat; echo done",
  CANARY = "",
} = process.env;
const hop = {
  host: "127.0.0.1",
  user: "tester",
  privateKey: SSH_KEY,
  hostKey: SSH_HOST_KEY,
  ...(SSH_PASSWORD ? { password: SSH_PASSWORD } : {}),
  ...(SSH_KEY_PASSWORD ? { privateKeyPassword: SSH_KEY_PASSWORD } : {}),
  dialErrorLimit: Number(process.env.DIAL_ERROR_LIMIT ?? "3"),
  perDialTimeout: 2,
};

const step = new command.remote.Command("step", {
  connection: {
    ...hop,
    port: Number(SSH_PORT),
    ...(SSH_PROXY_PORT ? { proxy: { ...hop, port: Number(SSH_PROXY_PORT) } } : {}),
  },
  create: SCRIPT,
  delete: "cat; echo deleted",
  stdin: pulumi.secret(CANARY),
  addPreviousOutputInEnv: false,
  logging: "stderr",
});

export const stdout = step.stdout;
export const stderr = step.stderr;
