import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { defaultMirrorDir } from "../../components/sandbox/mirror/mirror";

export interface Istioctl {
  /** What it finds in files: codes with objects, as `IST0101 VirtualService default/reviews`. */
  readonly analyze: (files: readonly string[]) => Promise<readonly string[]>;
  readonly close: () => void;
}

/** The istioctl of the sandbox's mirror, unpacked; a sentence where there is none. */
export function findIstioctl(): Istioctl | string {
  const folder = path.join(defaultMirrorDir(), "files", "istio");
  const versions = existsSync(folder) ? readdirSync(folder).sort() : [];
  const archives = versions
    .flatMap((version) =>
      readdirSync(path.join(folder, version)).map((file) => path.join(folder, version, file)),
    )
    .filter((file) => /istioctl-[^/]*-linux-amd64\.tar\.gz$/.test(file));
  const archive = archives.at(-1);
  if (archive === undefined) return `the mirror has no istioctl below ${folder}; npm run mirror gets one`;
  const place = mkdtempSync(path.join(tmpdir(), "istioctl-"));
  const unpacked = spawnSync("tar", ["xzf", archive, "-C", place]);
  if (unpacked.status !== 0) return `${archive} cannot be unpacked: ${String(unpacked.stderr)}`;
  return {
    analyze: (files) => run(path.join(place, "istioctl"), files),
    close: () => rmSync(place, { recursive: true, force: true }),
  };
}

interface Message {
  readonly code: string;
  readonly origin?: string;
}

async function run(executable: string, files: readonly string[]): Promise<readonly string[]> {
  const args = [
    "analyze",
    "--use-kube=false",
    "--all-namespaces",
    "--ignore-unknown",
    "-o",
    "json",
    ...files,
  ];
  // It fails where it finds errors, and says what it found all the same.
  const { stdout } = await promisify(execFile)(executable, args).catch(
    (error) => error as { stdout: string },
  );
  // Before its findings it may tell of objects that it cannot read, with brackets of their own.
  const found = /^\[\]?\n[\s\S]*/m.exec(stdout)?.[0] ?? "[]";
  const messages = JSON.parse(found.slice(0, found.lastIndexOf("]") + 1)) as Message[];
  // It names no namespace where the file names none.
  const place = (origin: string) => (origin.includes("/") ? origin : origin.replace(" ", " default/"));
  return [...new Set(messages.map(({ code, origin = "" }) => `${code} ${place(origin)}`))].sort();
}
