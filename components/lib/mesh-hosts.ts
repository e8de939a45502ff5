/** Host names as Istio writes them: exact, `*.example.com`, or `*` for all. */

/** Whether one of two host names, each possibly with a wildcard, can stand for a name that the other also stands for. */
export function hostsMeet(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b || a === "*" || b === "*") return true;
  const wide = [a, b].filter((host) => host.startsWith("*"));
  if (wide.length === 0) return false;
  if (wide.length === 2) return a.endsWith(b.slice(1)) || b.endsWith(a.slice(1));
  const [pattern, name] = a.startsWith("*") ? [a, b] : [b, a];
  return name.endsWith(pattern.slice(1));
}

export interface GatewayHost {
  /** Namespace whose VirtualServices may use it; `*` for all. */
  readonly namespace: string;
  readonly host: string;
}

/** A host of a Gateway's server: `shop.example.com`, `blog/shop.example.com`, `./shop.example.com`, `*` + `/…`. */
export function gatewayHost(text: string, gatewayNamespace: string): GatewayHost {
  const slash = text.indexOf("/");
  if (slash < 0) return { namespace: "*", host: text };
  const namespace = text.slice(0, slash);
  return { namespace: namespace === "." ? gatewayNamespace : namespace, host: text.slice(slash + 1) };
}
