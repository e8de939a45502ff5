/**
 * TypeScript by tsx, and nothing but TypeScript. By itself tsx also reads every `.js` file of every dependency, in search
 * of ES-module syntax that it would rewrite: a quarter of the time that the program takes to load. Pulumi's have none.
 */
const { _extensions: extensions } = require("node:module");
const { ".js": plain } = extensions;
require("tsx/cjs");
extensions[".js"] = plain;
