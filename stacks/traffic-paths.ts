import { type Fault, Place, TrafficFault } from "../components/traffic/faults";
import type { RouteConfig } from "./config/traffic-routes-schema";
import type { PlannedPart } from "./traffic-host";

/** How a policy's own words for a place are said in the config. */
export type PathWords = (path: string) => string;

/** Puts one beginning in place of another; undefined where the path does not begin so. */
function moved(path: string, from: string, to: string): string | undefined {
  if (!path.startsWith(from)) return undefined;
  const rest = path.slice(from.length);
  return rest === "" || /^[.[]/.test(rest) ? `${to}${rest}` : undefined;
}

/** The first of some beginnings that fits; longer ones first, so that none is taken for another. */
function translate(path: string, table: readonly (readonly [string, string])[]): string {
  const longest = [...table].sort(([a], [b]) => b.length - a.length);
  for (const [from, to] of longest) {
    const found = moved(path, from, to);
    if (found !== undefined) return found;
  }
  return path;
}

const levels = ["loadBalancer", "connectionPool", "outlierDetection", "tls"];

/** Of a DestinationRule: wishes by their place in the list, and what was put together by its level. */
export const policyPaths =
  (wishes: readonly string[]): PathWords =>
  (path) => {
    const subset = /^subsets\.([^.]+)\.(.+)$/.exec(path);
    if (subset !== null && levels.includes(subset[2]?.split(/[.[]/)[0] ?? ""))
      return `subsetPolicies.${subset[1]}.${subset[2]}`;
    return translate(path, [
      ...wishes.map((to, index) => [`policies[${index}]`, to] as const),
      ...levels.map((name) => [name, `policy.${name}`] as const),
      ["ports", "portPolicies"],
    ]);
  };

/** Of a VirtualService: routes by their names. */
export const routePaths =
  (names: readonly string[], routes: readonly RouteConfig[]): PathWords =>
  (path) =>
    translate(
      path,
      names.flatMap((name, index) => {
        const { to } = routes[index] ?? {};
        const [from, here] = [`routes.${name}`, `routes[${index}]`];
        const action = routes[index]?.redirect !== undefined ? "redirect" : "directResponse";
        return [
          [from, here],
          [`${from}.action`, `${here}.${to === undefined ? action : "to"}`],
          [`${from}.action.targets`, `${here}.to`],
          ...(Array.isArray(to) ? [] : [[`${from}.action.targets[0]`, `${here}.to`] as const]),
        ] as const;
      }),
    );

/** A place in the config, with the list that its faults go to. */
export class ConfigPlace extends Place {
  readonly faults: Fault[];

  constructor(path: string, faults: Fault[]) {
    super(path, faults);
    this.faults = faults;
  }
}

/** What a policy makes; its faults are noted at the place, in the words of the config, and then there is nothing. */
export function collecting(at: ConfigPlace, words: PathWords, render: () => PlannedPart): PlannedPart {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof TrafficFault)) throw error;
    const own = (path: string) => (path === "" ? at.path : at.in(words(path)).path);
    at.faults.push(...error.faults.map((fault) => ({ ...fault, path: own(fault.path) })));
    return { objects: [], findings: [] };
  }
}
