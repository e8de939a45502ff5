import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { type Answer, createRoutes, failure } from "./registry";

/** An HTTP server for a filled mirror. It only reads, and says nothing. */
export function createMirrorServer(dir: string): Server {
  const routes = createRoutes(dir);
  return createServer((request, response) => {
    try {
      sendAnswer(request, response, answer(routes, request));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else sendAnswer(request, response, failure(500, "UNKNOWN", message));
    }
  });
}

function answer(routes: (path: string) => Answer, request: IncomingMessage): Answer {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return failure(405, "UNSUPPORTED", "this registry is read only");
  }
  // What follows the ? is dropped: with ?ns= containerd names the registry that
  // this one stands in for.
  const path = request.url?.split("?")[0] ?? "/";
  try {
    return routes(decodeURIComponent(path));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return failure(400, "UNSUPPORTED", "the path is not valid percent-encoding");
  }
}

/** Sends a text, or as much of a file as was asked for. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): void {
  const head = request.method === "HEAD";
  if (typeof body === "string") {
    response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
    response.end(head ? undefined : body);
    return;
  }
  const range = parseRange(request.headers.range, body.size);
  if (range === "unsatisfiable") {
    response.writeHead(416, { "Content-Range": `bytes */${body.size}`, "Content-Length": 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: body.size - 1 };
  const partial = range && { "Content-Range": `bytes ${start}-${end}/${body.size}` };
  response.writeHead(range ? 206 : status, { ...headers, ...partial, "Content-Length": end - start + 1 });
  // A client that hangs up in the middle is its own affair.
  if (head || body.size === 0) response.end();
  else pipeline(createReadStream(body.file, { start, end }), response, () => {});
}

/**
 * One range of bytes, as `curl -C` and containerd ask for to resume. Several
 * ranges at once, or a form not known, count as no range: HTTP allows it.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
  return start > end ? "unsatisfiable" : { start, end };
}
