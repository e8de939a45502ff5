import { type KubeObject, titleOf } from "../../lib/objects";
import { milliseconds } from "../values";
import { authorityIn, faultOf, forwarded, headersFor, mirrorsOf, preflight, redirectOf } from "./action";
import { patienceOf } from "./answers";
import { arrive, type Delivery } from "./arrive";
import { destinationOf, weighted } from "./l4";
import { type Site, type SiteRoute, showMatch, unmet } from "./match";
import { fieldsIn, fieldsOf, numberOf } from "./objects";
import { Untried } from "./texts";
import { showTarget } from "./types";
import type { VirtualHost } from "./virtual-hosts";

/** A request at a proxy that is about to route it. */
export type Arrival = Omit<Delivery, "host" | "subset" | "port" | "patience" | "tcp">;

const pathOf = ({ route, match }: SiteRoute): string => match?.path ?? route.path;
const titleIn = ({ route }: SiteRoute): string =>
  typeof route.fields.name === "string" ? `route ${route.fields.name}` : "route";

/** The first route whose conditions the request meets. */
function firstRoute({ message, trail }: Arrival, routes: readonly SiteRoute[]): SiteRoute | undefined {
  for (const one of routes) {
    const { match, route } = one;
    try {
      const why = match === undefined ? undefined : unmet(match, message);
      if (why === undefined) return one;
      trail.step("route", `not taken: ${why[1]}`, { object: route.object, path: `${match?.path}.${why[0]}` });
    } catch (error) {
      if (!(error instanceof Untried)) throw error;
      trail.unsure([{ object: titleOf(route.object), text: `${error.message}; taken as not met` }]);
    }
  }
  return undefined;
}

/** Routes a request by the routes of its host. */
export function routeRequest(arrival: Arrival, { rules, routes, service }: VirtualHost, site: Site): void {
  const { trail, probability, delay, message } = arrival;
  if (rules === undefined && service !== undefined) {
    trail.step("route", "the Service's own, to all its pods", { object: service.object });
    const whole = { host: service.host, subset: undefined, port: message.port };
    arrive({ ...arrival, ...whole, patience: patienceOf({}), tcp: false });
    return;
  }
  const found = firstRoute(arrival, routes);
  if (found === undefined) {
    trail.step("route", "none fits: 404", { object: rules?.object, path: "spec.http" });
    trail.end(probability, { status: 404, delay, reason: "no route" });
    return;
  }
  trail.step("route", `${titleIn(found)}: ${showMatch(found.match)}`, {
    object: found.route.object,
    path: pathOf(found),
  });
  applyFault(arrival, found, site);
}

/** Delay and abort are drawn apart, the delay first. What is left goes on. */
function applyFault(arrival: Arrival, found: SiteRoute, site: Site): void {
  const { trail, probability } = arrival;
  const { object, path, fields } = found.route;
  const { delay, abort } = faultOf(fields.fault);
  const wait = milliseconds(delay?.fixedDelay ?? "") ?? 0;
  const slow = delay?.probability ?? 0;
  const lost = abort?.probability ?? 0;
  const share = (part: number) => `${Math.round(part * 1e6) / 1e4} %`;
  if (delay !== undefined)
    trail.step("action", `${share(slow)} wait ${delay.fixedDelay}`, { object, path: `${path}.fault.delay` });
  if (abort !== undefined)
    trail.step("action", `${share(lost)} get ${abort.status}`, { object, path: `${path}.fault.abort` });
  const ways = [
    { part: slow, more: wait },
    { part: 1 - slow, more: 0 },
  ];
  for (const { part, more } of ways) {
    const held = arrival.delay + more;
    const status = abort?.status ?? 0;
    trail.end(probability * part * lost, { status, delay: held, reason: "fault" });
  }
  const passing = ways.map(
    ({ part, more }) => [probability * part * (1 - lost), arrival.delay + more] as const,
  );
  for (const [place, [rest, held]] of passing.filter(([part]) => part > 0).entries()) {
    const go = () => act({ ...arrival, probability: rest, delay: held }, found, site);
    // Both ways are told once: they differ in nothing but the wait.
    if (place === 0) go();
    else trail.quietly(go);
  }
}

const preflightTexts = {
  allowed: "the proxy answers the preflight and allows its origin",
  ignored: "the proxy answers the preflight, without leave for its origin",
  forwarded:
    "no allowed origin fits that of the preflight: it is forwarded, and the application has to answer it",
} as const;

/** What an expression decides; something else, and a word about it, where it cannot be tried here. */
function tried<T>(trail: Arrival["trail"], object: KubeObject, otherwise: T, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof Untried)) throw error;
    trail.unsure([{ object: titleOf(object), text: `${error.message}; taken as not met` }]);
    return otherwise;
  }
}

/** Ends a preflight that the proxy answers itself; says of another why it goes on. */
function answersPreflight({ trail, message, probability, delay }: Arrival, { route }: SiteRoute): boolean {
  const { object, path, fields } = route;
  if (fields.corsPolicy === undefined) return false;
  const kind = tried(trail, object, "forwarded", () => preflight(message, fieldsOf(fields.corsPolicy)));
  if (kind === undefined) return false;
  trail.step("action", preflightTexts[kind], { object, path: `${path}.corsPolicy` });
  if (kind === "forwarded") return false;
  trail.end(probability, { status: 200, delay, reason: "CORS" });
  return true;
}

function act(arrival: Arrival, found: SiteRoute, site: Site): void {
  const { trail, message, probability, delay, client } = arrival;
  const { route, match, rules } = found;
  const { object, path, fields } = route;
  const by = (field: string) => ({ object, path: `${path}.${field}` });
  if (fields.redirect !== undefined) {
    const { status, location } = redirectOf(message, fieldsOf(fields.redirect), match, site.port);
    trail.step("action", `redirect ${status} to ${location}`, by("redirect"));
    trail.location = location;
    trail.end(probability, { status, delay, reason: "redirect" });
    return;
  }
  if (fields.directResponse !== undefined) {
    const status = numberOf(fieldsOf(fields.directResponse).status) ?? 0;
    trail.step("action", `the proxy answers ${status}`, by("directResponse"));
    trail.end(probability, { status, delay, reason: "direct response" });
    return;
  }
  // After redirects and direct answers, for which Envoy has no CORS.
  if (answersPreflight(arrival, found)) return;
  const sent = tried(trail, object, message, () => forwarded(message, route, match));
  if (sent.path !== message.path)
    trail.step("action", `path ${message.path} becomes ${sent.path}`, by("rewrite"));
  if (sent.authority !== message.authority)
    trail.step(
      "action",
      `host becomes ${sent.authority}`,
      by(fieldsOf(fields.rewrite).authority === undefined ? "headers" : "rewrite"),
    );
  for (const field of ["timeout", "retries", "headers"])
    if (fields[field] !== undefined)
      trail.step("action", `${field} ${JSON.stringify(fields[field])}`, by(field));
  const domain = arrival.world.settings.dnsDomain;
  for (const mirror of mirrorsOf(route)) {
    const { subset, port, host } = destinationOf(mirror.destination, rules.namespace, domain);
    const copy = {
      host,
      ...(subset === undefined ? {} : { subset }),
      ...(port === undefined ? {} : { port }),
    };
    trail.step("action", `${mirror.probability * 100} % are copied to ${showTarget(copy)}`, by(mirror.path));
    const all = { ...copy, probability: mirror.probability };
    if (!trail.mirrors.some((one) => JSON.stringify(one) === JSON.stringify(all))) trail.mirrors.push(all);
  }
  const targets = weighted(fields.route, path, rules.namespace, domain);
  if (targets.length === 0) {
    trail.step("route", "no destination has a weight", by("route"));
    trail.unsure([{ object: titleOf(object), text: "a route without destinations is refused by Istio" }]);
    trail.end(probability, { status: 503, delay, reason: "no destination" });
    return;
  }
  for (const { host, subset, port, probability: part, path: place, fields: entry } of targets) {
    const to = showTarget({
      host,
      ...(subset === undefined ? {} : { subset }),
      ...(port === undefined ? {} : { port }),
    });
    trail.step("destination", `${Math.round(part * 1e6) / 1e4} % to ${to}`, { object, path: place });
    const authority =
      sent.authority === message.authority ? (authorityIn(entry.headers) ?? sent.authority) : sent.authority;
    const headers = headersFor(sent, fields, entry, fieldsIn(fields.route).length === 1);
    const patience = patienceOf(fields);
    const own = { client, message: { ...sent, authority, headers }, probability: probability * part };
    arrive({ ...arrival, ...own, host, subset, port, patience, tcp: false });
  }
}
