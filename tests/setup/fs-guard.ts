/** Turns every use of a folder by this process's `node:fs` into an error, so that a test cannot read it unseen. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Functions that take a path first; each may be there plain, with `Sync` at its end, and as a promise. */
const onePath =
  `access appendFile chmod chown exists lchmod lchown lstat lutimes mkdir mkdtemp open openAsBlob opendir
  readFile readdir readlink realpath rm rmdir stat statfs truncate unlink unwatchFile utimes watch watchFile writeFile
  createReadStream createWriteStream`.split(/\s+/);
const twoPaths = "copyFile cp link rename symlink".split(" ");

const seen: string[] = [];

/** Paths that were asked for since the last call. A reader may have swallowed the error; this it cannot. */
export const takeForbiddenPaths = (): readonly string[] => seen.splice(0);

/** Forbids absolute folders, with all that is in them, until the process ends. */
export function forbidFolders(folders: readonly string[]): void {
  const check = (given: unknown) => {
    const path = pathOf(given);
    if (path === undefined || !folders.some((folder) => `${path}${sep}`.startsWith(`${folder}${sep}`)))
      return;
    seen.push(path);
    throw new Error(`a test looked at ${path}, which belongs to the user: it must pass whatever is there`);
  };
  for (const functions of [fs, fs.promises] as unknown as Record<string, unknown>[])
    for (const [names, paths] of [[onePath, 1] as const, [twoPaths, 2] as const])
      for (const name of names.flatMap((plain) => [plain, `${plain}Sync`])) {
        const original = functions[name];
        if (typeof original !== "function") continue;
        // A proxy keeps what hangs on the function, such as realpath.native.
        functions[name] = new Proxy(original, {
          apply(target, self, given: unknown[]) {
            for (const path of given.slice(0, paths)) check(path);
            return Reflect.apply(target, self, given);
          },
        });
      }
  syncBuiltinESMExports();
}

/** A descriptor is no path; whoever opened it has been asked. */
function pathOf(given: unknown): string | undefined {
  if (given instanceof URL) return fileURLToPath(given);
  return typeof given === "string" || Buffer.isBuffer(given) ? resolve(given.toString()) : undefined;
}
