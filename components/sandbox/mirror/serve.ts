import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { defaultMirrorDir } from "./mirror";
import { createMirrorServer } from "./server";

/**
 * Serves a filled mirror: `serve.ts --dir DIR --listen IP:PORT`. Quiet after one
 * line of JSON that says where it listens (port 0 takes a free one). SIGTERM
 * ends it after the answers under way, five seconds at most.
 */
function main(): void {
  const { values } = parseArgs({ options: { dir: { type: "string" }, listen: { type: "string" } } });
  const dir = resolve(values.dir ?? defaultMirrorDir());
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(values.listen ?? "127.0.0.1:8080") ?? [];
  if (!host || port === undefined) throw new Error(`--listen wants IP:PORT, not ${values.listen}`);
  if (!existsSync(dir)) throw new Error(`${dir} is not there: fill the mirror first (npm run mirror)`);

  const server = createMirrorServer(dir);
  server.once("error", (error) => {
    console.error(`The mirror cannot listen on ${values.listen}: ${error.message}`);
    process.exit(1);
  });
  server.listen(Number(port), host, () => {
    const address = server.address();
    console.log(
      JSON.stringify({ listening: `${host}:${typeof address === "object" ? address?.port : port}`, dir }),
    );
  });

  const stop = () => {
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5000).unref();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
