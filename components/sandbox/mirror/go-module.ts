import { basename, join } from "node:path";
import type { GoItem } from "./item";

/** Where the pinned module of a Go item lies. */
export function moduleDir(item: Pick<GoItem, "name" | "module">): string {
  return join(__dirname, "go", item.module ?? item.name);
}

/** The arguments of `go build` for an item, all but the output folder. */
export function goBuildArgs(item: GoItem): string[] {
  const variables = Object.entries(item.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  return [
    "build",
    // One line of log per compiled package, for the heartbeat.
    "-v",
    // Said here so that a GOFLAGS of the user's cannot change what is built.
    "-mod=readonly",
    "-buildvcs=false",
    "-trimpath",
    ...(item.tags ? [`-tags=${item.tags}`] : []),
    // -s -w leaves out symbols and debug data: 30 % smaller.
    `-ldflags=${["-s -w", ...variables, ...(item.cgo ? ["-extldflags=-static"] : [])].join(" ")}`,
    ...Object.keys(item.programs),
  ];
}

/** The file name that `go build` gives a package's program: a trailing `/v3` does not count. */
export function goProgramName(pkg: string): string {
  return basename(pkg.replace(/\/v\d+$/, ""));
}
