import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A .tar.gz of executable files by their paths in it. */
export function tarball(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "mesh-tarball-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content, { mode: 0o755 });
    }
    const { stdout, status, stderr } = spawnSync("tar", ["-czf", "-", "-C", folder, ...readdirSync(folder)], {
      maxBuffer: 2 ** 26,
    });
    if (status !== 0) throw new Error(`tar failed: ${stderr}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A program that prints these words whatever it is asked. */
export const printing = (words: string): string => `#!/bin/bash\necho '${words}'\n`;
