/** Files of releases under their official paths, and their checksum files in the forms that projects write. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Answer, fromFile } from "../../components/sandbox/mirror/registry";
import { sha256 } from "../support/file-server";
import { fill, match, type Parts } from "./paths";
import type { FileRule } from "./record";

/** Architectures of which a checksum file has a line. */
const ARCHITECTURES = ["amd64", "arm64"] as const;

/** The answer to a path, undefined where no rule has it or the mirror lacks its bits. */
export function fileAnswer(mirror: string, rules: readonly FileRule[], path: string): Answer | undefined {
  for (const rule of rules) {
    // Sums first: `{program}` of a file's path would fit `kubeadm.sha256` as well.
    const ofSum = match(rule.sum.path, path);
    const sum = ofSum && sumsOf(mirror, rule, ofSum);
    if (sum !== undefined) return text(sum);
    const ofFile = match(rule.path, path);
    const file = ofFile && heldFile(mirror, rule, ofFile);
    if (file !== undefined) return fromFile(file);
  }
  return undefined;
}

function heldFile(mirror: string, { held, versions }: FileRule, parts: Parts): string | undefined {
  const { version = "" } = parts;
  const file = join(mirror, "files", fill(held, { ...parts, version: versions?.[version] ?? version }));
  return existsSync(file) ? file : undefined;
}

function sumsOf(mirror: string, rule: FileRule, parts: Parts): string | undefined {
  const each = parts.arch === undefined ? ARCHITECTURES.map((arch) => ({ ...parts, arch })) : [parts];
  const lines = each.flatMap((all) => {
    const file = heldFile(mirror, rule, all);
    return file === undefined ? [] : [`${digestOf(file)}  ${basename(fill(rule.path, all))}`];
  });
  if (lines.length === 0) return undefined;
  switch (rule.sum.form) {
    case "bare":
      return lines[0]?.split(" ")[0];
    case "lines":
      return `${lines.join("\n")}\n`;
    case "signed lines":
      return ["-----BEGIN PGP SIGNED MESSAGE-----", "Hash: SHA256", "", ...lines, SIGNATURE, ""].join("\n");
  }
}

/** Nobody checks it: the platform reads the lines, as it says in docs/artifacts.md. */
const SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nnot a signature\n-----END PGP SIGNATURE-----";

const digests = new Map<string, string>();

function digestOf(file: string): string {
  const known = digests.get(file);
  if (known !== undefined) return known;
  const digest = sha256(readFileSync(file));
  digests.set(file, digest);
  return digest;
}

export const text = (body: string, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "Content-Type": "text/plain", ...headers },
  body,
});
