import type { GatewayHandle, ServiceHandle } from "../handles";
import { namespaceOf } from "./places";
import type { ExpectedShare, Load, ScenarioContext, ScenarioRun, SharesExpectation, Target } from "./types";

/** Enough to tell 10 percent from 13. */
const usual: Load = { requests: 1000, connections: 4 };

/** Where requests wait long: few of them, and many at once. */
export const patient = (requests: number, connections: number): readonly Load[] => [
  { requests, connections, timeoutMs: 30_000 },
];

/** As document 004 loads: ten requests for each connection, as fast as they are answered. */
export const tenEach = (connections: number): Load => ({ requests: 10 * connections, connections });

/** What a run says beside the usual. */
type More = Partial<Pick<ScenarioRun, "loads" | "assume">> & {
  /** Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `/`. */
  readonly path?: string;
};

const common = (context: ScenarioContext) => ({ client: `${namespaceOf("fortio", context)}/fortio` });

const requestOf = (host: string, port: number, { path = "/", headers = {} }: More) =>
  ({ host, port, path, method: "GET", headers }) as const;

const rest = ({ loads = [usual], assume }: More) => ({ loads, ...(assume === undefined ? {} : { assume }) });

/** Fortio's sidecar asks a Service. */
export const meshRun = (
  name: string,
  { name: host, namespace, ports }: ServiceHandle,
  more: More,
  expect: ScenarioRun["expect"],
  context: ScenarioContext,
): ScenarioRun => ({
  name,
  via: "mesh",
  ...common(context),
  request: requestOf(`${host}.${namespace}`, Object.values(ports)[0] ?? 80, more),
  ...rest(more),
  expect,
});

/** Somebody outside asks the ingress gateway for the host of a Gateway. */
export const gatewayRun = (
  name: string,
  { name: gateway, namespace, hosts }: GatewayHandle,
  more: More,
  expect: ScenarioRun["expect"],
  context: ScenarioContext,
): ScenarioRun => ({
  name,
  via: "gateway",
  gateway: `${namespace}/${gateway}`,
  ...common(context),
  request: requestOf(hosts[0] ?? "*", 80, more),
  ...rest(more),
  expect,
});

export const shares = (
  list: readonly ExpectedShare[],
  more: Omit<SharesExpectation, "kind" | "shares"> = {},
): SharesExpectation => ({ kind: "shares", shares: list, ...more });

/** All of it to one place, with one status. */
export const all = (to: Target, status = 200, more: Omit<SharesExpectation, "kind" | "shares"> = {}) =>
  shares([{ to, status, share: 1 }], more);
