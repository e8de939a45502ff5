/** Reads a stack's state, decrypted, without a file and without taking the stack's lock. */
import { spawn } from "node:child_process";
import { chooseBackend } from "../backend";
import { ensureCli } from "../cli";
import { REPOSITORY } from "../paths";

export async function exportState(stack: string): Promise<string> {
  const { executable } = await ensureCli();
  const args = ["stack", "export", "--show-secrets", "--stack", stack, "--non-interactive"];
  const child = spawn(executable, args, {
    cwd: REPOSITORY,
    env: { ...process.env, ...chooseBackend().env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const code = await new Promise<number>((resolve, reject) =>
    child.once("error", reject).once("close", (status) => resolve(status ?? 1)),
  );
  // Never stdout: it holds every key.
  if (code !== 0) throw new Error(`the state of the stack ${stack} cannot be read: ${output.stderr.trim()}`);
  return output.stdout;
}
