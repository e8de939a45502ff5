import { isIP } from "node:net";
import { nearest } from "../../lib/nearest";
import { isWild } from "./hosts";
import type { World } from "./world";

/** A name that no object declares. */
export interface UnknownHost {
  /** Whether it can only be a name of the cluster, so that nothing resolves it: a typing error. */
  readonly inside: boolean;
  /** Where a request to it goes, for a name from outside. */
  readonly fate: string;
  /** `, did you mean reviews.shop.svc.cluster.local?`; empty where nothing is like it. */
  readonly hint: string;
}

export const didYouMean = (found: string | undefined): string =>
  found === undefined ? "" : `, did you mean ${found}?`;

/** The name of `names` that is most like one, as a hint; empty where none is. */
export const hintFor = (name: string, names: readonly string[]): string => didYouMean(nearest(name, names));

/** Service and namespace of a host in the cluster's domain. */
function partsOf(host: string, dnsDomain: string): readonly [string, string] | undefined {
  const suffix = `.svc.${dnsDomain}`;
  if (!host.endsWith(suffix)) return undefined;
  const [name = "", namespace = "", ...rest] = host.slice(0, -suffix.length).split(".");
  return rest.length > 0 || namespace === "" ? undefined : [name, namespace];
}

/** What a name of a client's namespace that is not found can be, and what is near. */
export function unknownHost(host: string, namespace: string, world: World): UnknownHost {
  const { dnsDomain } = world.settings;
  const known = world.registry.hosts().filter((one) => !isWild(one));
  const name = host.replace(/\.$/, "");
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0)
    return { inside: false, fate: "it passes through to that address", hint: "" };
  const services = known.flatMap((one) => {
    const parts = partsOf(one, dnsDomain);
    return parts === undefined ? [] : [{ full: one, service: parts[0], namespace: parts[1] }];
  });
  const tail = name.replace(new RegExp(`\\.svc(\\.${dnsDomain.replaceAll(".", "\\.")})?$`), "");
  const [service = "", place = namespace, ...rest] = tail.split(".");
  // The same name elsewhere is likelier than another name here.
  const namesake = services.find((one) => one.service === service && rest.length === 0);
  const short = `${service}.${place}`;
  // Each part by itself: of the whole, a third of the letters would make any Service of a namespace alike.
  const candidates = services.filter(
    (one) => nearest(service, [one.service]) !== undefined && nearest(place, [one.namespace]) !== undefined,
  );
  const like = nearest(
    short,
    candidates.map((one) => `${one.service}.${one.namespace}`),
  );
  const alike = services.find((one) => `${one.service}.${one.namespace}` === like);
  const namespaces = new Set([...services.map((one) => one.namespace), ...world.namespaces()]);
  const dots = name.split(".").length - 1;
  const inside =
    dots === 0 || tail !== name || (dots === 1 && (namespaces.has(place) || alike !== undefined));
  const fate = "it passes through if DNS knows it";
  const near = hintFor(name, known) || (dots === 1 ? didYouMean(namesake?.full) : "");
  if (!inside) return { inside, fate, hint: near };
  return { inside, fate, hint: didYouMean((dots === 0 ? (alike ?? namesake) : (namesake ?? alike))?.full) };
}
