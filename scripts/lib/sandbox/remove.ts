/** Removes a sandbox of which no state knows any more, by the step that would remove it otherwise. */
import { spawn } from "node:child_process";
import path from "node:path";
import { sandboxNames } from "../../../components/sandbox/plan";
import { REPOSITORY } from "../paths";
import { type FoundSandbox, findSandboxes } from "./look";

const step = path.join(REPOSITORY, "components", "sandbox", "scripts", "network.sh");

/** Removes all of it: hosts, network, rules, mirror server, folder. Throws with what is left where that fails. */
export async function removeSandbox({ id, processes, folder }: FoundSandbox): Promise<void> {
  await runDelete(id);
  // With the folder gone nobody knew their numbers; the supervisors first, or they would start a machine again.
  if (folder === undefined) {
    for (const { pid } of [...processes].sort((a, b) => rank(a.what) - rank(b.what))) kill(pid);
  }
  const left = findSandboxes().find((each) => each.id === id);
  if (left !== undefined) throw new Error(`the sandbox ${id} is not gone: ${describeParts(left)}`);
}

const rank = (what: string) => (what === "supervisor" ? 0 : 1);

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended with another one.
  }
}

async function runDelete(id: string): Promise<void> {
  // Read when it is needed: its modules take longer than a list.
  const { renderCommand, renderScript } =
    require("../../../components/remote/script") as typeof import("../../../components/remote/script");
  const { bridge, state } = sandboxNames(id);
  const unused = {
    CIDR: "",
    GATEWAY: "",
    OWNER: "",
    MIRROR_DIR: "",
    MIRROR_PORT: 0,
    MIRROR_CODE: "",
    PROJECT: "",
  };
  const parameters = { SANDBOX: id, BRIDGE: bridge, STATE: state, ...unused, BOOT_ID: "", SINCE: "" };
  const command = renderCommand("delete", `/run/lock/mesh-platform-${id}-network`, 300, false);
  const child = spawn("bash", ["-c", command], { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin?.end(renderScript(step, parameters));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`the sandbox ${id} could not be removed: its step ended with ${code}`);
}

/** What there is of a sandbox, in a few words. */
export function describeParts(found: FoundSandbox): string {
  const { folder, hosts, bridge, namespaces, links, rules, processes } = found;
  const count = (list: readonly unknown[], what: string) =>
    list.length === 0 ? [] : [`${list.length} ${what}${list.length === 1 ? "" : "s"}`];
  return [
    ...count(hosts, "host"),
    ...count(processes, "process").map((text) => text.replace("processs", "processes")),
    ...count(namespaces, "network namespace"),
    ...count(links, "cable"),
    ...(bridge === undefined ? [] : [`the bridge ${bridge}`]),
    ...count(Array.from({ length: rules }), "iptables rule"),
    ...(folder === undefined ? [] : [folder]),
  ].join(", ");
}
