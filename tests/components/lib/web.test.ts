import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { withAnswer } from "../../../components/lib/web";
import { FileServer } from "../../support/file-server";

let site: FileServer;
/** Names that were asked of the proxy, which leads all of them to the site. */
const asked: string[] = [];
const proxy = createServer().on("connect", (request, socket) => {
  asked.push(request.url ?? "");
  const upstream = connect(Number(new URL(site.url("/")).port), "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.pipe(socket).pipe(upstream);
  });
  for (const each of [socket, upstream]) each.on("error", () => undefined);
});

beforeAll(async () => {
  site = await FileServer.start();
  site.files["/script"] = "echo";
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  for (const name of ["HTTP_PROXY", "http_proxy"]) vi.stubEnv(name, address);
  for (const name of ["NO_PROXY", "no_proxy"]) vi.stubEnv(name, "127.0.0.1");
});
afterAll(() => {
  vi.unstubAllEnvs();
  site.stop();
  proxy.closeAllConnections();
  proxy.close();
});

describe("an address that is asked for", () => {
  it("is reached by the environment's proxy, where that is the only way", async () => {
    const text = await withAnswer("http://downloads.test/script", {}, (response) => response.text());
    expect([text, asked]).toEqual(["echo", ["downloads.test:80"]]);
  });

  it("is reached directly, where NO_PROXY says so", async () => {
    const before = asked.length;
    const status = await withAnswer(site.url("/missing"), {}, async (response) => response.status);
    expect([status, asked.length]).toEqual([404, before]);
  });
});
