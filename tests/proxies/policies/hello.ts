import { request } from "node:https";
import type { Seen } from "../harness/web";

/** Whom a TLS connection with a name in its hello leads to. */
export const helloName = (address: string, port: number, servername: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { host: address, port, servername, rejectUnauthorized: false, agent: false };
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve((JSON.parse(Buffer.concat(parts).toString()) as Seen).workload));
    });
    sent.on("error", reject).end();
  });
