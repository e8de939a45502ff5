import { type DeclaredHost, destinations } from "../components/traffic/destinations";
import type { Place } from "../components/traffic/faults";
import { external, type HostHandle, service, type Target } from "../components/traffic/handles";
import type { TierName } from "../components/traffic/tiers";
import type { TargetConfig } from "./config/traffic-routes-schema";
import type { HostConfig } from "./config/traffic-schema";
import type { TrafficSite } from "./traffic-site";

/** The hosts of a config by the names that it has for them. */
export class Hosts {
  readonly #configs: Readonly<Record<string, HostConfig>>;
  readonly #site: TrafficSite;

  constructor(configs: Readonly<Record<string, HostConfig>>, site: TrafficSite) {
    this.#configs = configs;
    this.#site = site;
  }

  /** What the stack is for. */
  get tier(): TierName {
    return this.#site.tier;
  }

  /** `reviews.bookinfo` of `reviews.bookinfo.svc.cluster.local`; any other name as it is. */
  #plain(name: string): string {
    const suffix = `.svc.${this.#site.dnsDomain}`;
    return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  }

  /** Two labels are a Service and its namespace, unless the config says in which namespace the host's objects stand. */
  handleOf(name: string): HostHandle {
    const plain = this.#plain(name);
    const { namespace, ports } = this.#configs[plain] ?? this.#configs[name] ?? {};
    const [first = "", second = "", ...more] = plain.split(".");
    if (namespace !== undefined || second === "" || more.length > 0 || first.includes("*"))
      return external(name, ports);
    const known = this.#site.services.get(plain);
    return ports === undefined && known !== undefined ? known : service(first, second, ports ?? {});
  }

  #declared(name: string): DeclaredHost {
    const plain = this.#plain(name);
    const { subsets = {} } = this.#configs[plain] ?? this.#configs[name] ?? {};
    return destinations(this.handleOf(name), { subsets });
  }

  /** What a route or a mirror leads to. `own` is the host that it is for. */
  target({ host, subset }: TargetConfig, own: string, at: Place, field = at.in("subset")): Target {
    const name = host ?? own;
    const handle = this.handleOf(name);
    if (subset === undefined) return handle;
    const declared = this.#declared(name);
    const known = Object.keys(declared.args.subsets ?? {});
    if (known.includes(subset)) return declared.subset(subset);
    field.fault(
      subset,
      known.join(", ") || `none: ${name} has no subsets in traffic.hosts`,
      "declare the subset there, or name one of these",
    );
    return handle;
  }
}
