import fc from "fast-check";
import type { SimulatedRequest } from "../../../components/traffic/simulate";
import type { RealMesh } from "../harness/mesh";
import type { Answer } from "../harness/web";
import { headerNames, methods, parameters, paths, words } from "./values";

/** Clients of the test, as both sides name them. */
export const clients = {
  near: { name: "near", namespace: "one", labels: { app: "near", tier: "web" } },
  far: { name: "far", namespace: "two", labels: { app: "far" } },
} as const;

/** A request, and where it starts. */
export interface Trial {
  readonly client: keyof typeof clients | "gateway";
  readonly port: number;
  readonly authority: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const query = fc
  .array(fc.tuple(fc.constantFrom(...parameters), fc.constantFrom(...words, "%78", "x+y", "x=y")), {
    maxLength: 2,
  })
  .map((list) => list.map(([name, value]) => (value === "" ? name : `${name}=${value}`)))
  .map((list) => (list.length === 0 ? "" : `?${list.join("&")}`));
const headers = fc.dictionary(fc.constantFrom(...headerNames), fc.constantFrom(...words), { maxKeys: 2 });
const preflight = {
  method: "OPTIONS",
  headers: { origin: "http://x.test", "access-control-request-method": "GET" },
};

export const trial = (
  from: readonly Trial["client"][],
  authorities: readonly string[],
): fc.Arbitrary<Trial> =>
  fc
    .record({
      client: fc.constantFrom(...from),
      port: fc.constantFrom(80, 80, 8080),
      authority: fc.constantFrom(...authorities),
      bare: fc.boolean(),
      path: fc.tuple(fc.constantFrom(...paths), query).map((parts) => parts.join("")),
      method: fc.constantFrom(...methods),
      headers,
      special: fc.nat(9),
    })
    .map(({ bare, special, ...one }) => ({
      ...one,
      authority: bare || one.port === 80 ? one.authority : `${one.authority}:${one.port}`,
      ...(special === 0 ? preflight : {}),
    }));

/** How the simulator is asked. */
export function simulated({ client, authority, port, path, method, headers: sent }: Trial): SimulatedRequest {
  const common = { port, path, method, headers: { ...sent, host: authority } };
  if (client === "gateway") return { ...common, host: authority, gateway: "one/front" };
  const { namespace, labels } = clients[client];
  return { ...common, host: authority, from: { namespace, labels } };
}

/** How the real proxy is asked. */
export function asked(
  mesh: RealMesh,
  { client, authority, port, path, method, headers: sent }: Trial,
): Promise<Answer> {
  const request = { path, method, headers: { ...sent, host: authority } };
  if (client === "gateway") return mesh.askGateway(port, request);
  const { namespace, name } = clients[client];
  return mesh.ask(`${namespace}/${name}`, port, request);
}
