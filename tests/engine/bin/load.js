/**
 * Starts a TypeScript program of this folder's neighbours quickly.
 *
 * The engine starts one process per provider and per run. ts-node would load the whole compiler in each of
 * them (about 0.4 s); here every file is transpiled once and kept in the cache folder under its digest.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const path = require("node:path");

const cacheRoot =
  process.env.MESH_PLATFORM_CACHE ||
  path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "mesh-platform");
const folder = path.join(cacheRoot, "transpiled");

require.extensions[".ts"] = (module, file) => {
  module._compile(transpiled(file, readFileSync(file, "utf8")), file);
};

function transpiled(file, source) {
  const digest = createHash("sha256")
    .update(`1\0${path.basename(file)}\0${source}`)
    .digest("hex");
  const cached = path.join(folder, `${digest}.js`);
  try {
    return readFileSync(cached, "utf8");
  } catch {
    const output = transpile(source, file);
    try {
      mkdirSync(folder, { recursive: true });
      const partial = `${cached}.${process.pid}`;
      writeFileSync(partial, output);
      renameSync(partial, cached);
    } catch {
      // A read-only cache only costs time.
    }
    return output;
  }
}

function transpile(source, file) {
  const ts = require("typescript");
  return ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      inlineSourceMap: true,
    },
  }).outputText;
}
