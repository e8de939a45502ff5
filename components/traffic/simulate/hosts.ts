/** Host names as Istio reads them: a name without dots is a Service of the object's own namespace. */
export function fullHost(host: string, namespace: string, domain: string): string {
  if (host === "" || host.startsWith("*") || host.includes(".")) return host.toLowerCase();
  return `${host}.${namespace}.svc.${domain}`.toLowerCase();
}

export const isWild = (host: string): boolean => host.startsWith("*");

/** Whether every name that `inner` stands for is one of `outer`. */
export function within(inner: string, outer: string): boolean {
  if (!isWild(outer)) return inner === outer;
  if (!isWild(inner)) return inner.endsWith(outer.slice(1));
  return inner.length >= outer.length && inner.slice(1).endsWith(outer.slice(1));
}

/** The narrower of two hosts where one is within the other. */
export const meeting = (a: string, b: string): string | undefined =>
  within(a, b) ? a : within(b, a) ? b : undefined;

/** The entry for a host: by its very name, else by the longest wildcard. */
export function mostSpecific<T>(host: string, entries: ReadonlyMap<string, T>): T | undefined {
  const exact = entries.get(host);
  if (exact !== undefined) return exact;
  const [best] = [...entries.keys()]
    .filter((name) => isWild(name) && within(host, name))
    .sort((a, b) => b.length - a.length);
  return best === undefined ? undefined : entries.get(best);
}

/** Without a port; an IPv6 address keeps its brackets. */
export const withoutPort = (authority: string): string => authority.replace(/:\d+$/, "").toLowerCase();

export const portOf = (authority: string): number | undefined => {
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined ? undefined : Number(port);
};

/** The domain that a proxy takes for a host: the very name, the longest `*…`, the longest `…*`, then `*`. */
export function domainFor<T>(host: string, domains: ReadonlyMap<string, T>): [string, T] | undefined {
  const exact = domains.get(host);
  if (exact !== undefined) return [host, exact];
  const longest = (fits: (domain: string) => boolean) =>
    [...domains].filter(([domain]) => fits(domain)).sort(([a], [b]) => b.length - a.length)[0];
  return (
    longest((domain) => domain.length > 1 && isWild(domain) && host.endsWith(domain.slice(1))) ??
    longest((domain) => domain.length > 1 && domain.endsWith("*") && host.startsWith(domain.slice(0, -1))) ??
    longest((domain) => domain === "*")
  );
}
