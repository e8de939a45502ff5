/**
 * TypeScript by tsx, and nothing but TypeScript. By itself tsx also reads every `.js` file of every dependency, in search
 * of ES-module syntax that it would rewrite: a quarter of the time that the program takes to load. Pulumi's have none.
 */
const Module = require("node:module");
const { ".js": plain } = Module._extensions;
require("tsx/cjs");
Module._extensions[".js"] = plain;

// Node 22 keeps what it has compiled; this saves half a second of a program's start.
Module.enableCompileCache?.();

/**
 * What the SDK loads in each program and uses only to send functions to a dynamic provider, which there is none of here:
 * a sixth of a program's processor time. It is loaded when somebody asks something of it.
 */
const RARELY_USED = ["@npmcli/arborist", "typescript"];
const SDK = /[\\/]@pulumi[\\/]pulumi[\\/]/;

const { _load: load } = Module;
Module._load = (request, parent, isMain) =>
  RARELY_USED.includes(request) && SDK.test(parent?.filename ?? "")
    ? whenAsked(() => load(request, parent, isMain))
    : load(request, parent, isMain);

/** Stands for a module until a property of it is read. */
function whenAsked(loadModule) {
  return new Proxy(
    {},
    // Compiled imports take a module of this mark as it is; of others they would read every property at once.
    {
      get: (_target, name) =>
        name === "__esModule" ? true : name === "default" ? loadModule() : loadModule()[name],
    },
  );
}
