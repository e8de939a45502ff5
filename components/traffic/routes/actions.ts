import type { TrafficContext } from "../context";
import type { Place } from "../faults";
import { type Destination, destinationOf } from "../handles";
import { filledText, host, oneOf, port, statusCode, weightSum } from "../values";
import { pathText } from "./conditions";
import { headersSpec } from "./modifiers";
import type {
  DirectResponseAction,
  ForwardAction,
  HttpAction,
  HttpTarget,
  RedirectAction,
  WeightedTarget,
} from "./types";

/** The actions of routes as Istio's objects have them. */

export interface RouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
  readonly headers?: object;
}

/** Destinations with weights; one alone needs none. */
export function destinationsSpec<T extends WeightedTarget>(
  { targets, relativeWeights = false }: ForwardAction<T>,
  context: TrafficContext,
  at: Place,
): RouteDestination[] {
  const place = at.in("targets");
  if (targets.length === 0) place.fault(targets, "one target or more", "name one");
  const alone = targets.length === 1;
  if (targets.length > 1) checkWeights(targets, relativeWeights, place);
  else if (targets[0]?.weight !== undefined && targets[0].weight !== 100) {
    place
      .in(0, "weight")
      .fault(targets[0].weight, "100, or nothing, for a target alone", "remove it, or add targets");
  }
  const made = targets.map(({ to, port: choice, weight, headers }: HttpTarget, index) => {
    const where = place.in(index);
    return {
      destination: destinationOf(to, choice, context, where),
      ...(alone ? {} : { weight: weight ?? 0 }),
      ...(headers === undefined ? {} : { headers: headersSpec(headers, where.in("headers")) }),
    };
  });
  const seen = new Set<string>();
  for (const [index, { destination }] of made.entries()) {
    const text = JSON.stringify(destination);
    if (seen.has(text)) place.in(index).fault(text, "each target once", "put their weights together");
    seen.add(text);
  }
  return made;
}

function checkWeights(targets: readonly WeightedTarget[], relative: boolean, at: Place): void {
  const given = targets.flatMap(({ weight }) => (weight === undefined ? [] : [weight]));
  targets.forEach(({ weight }, index) => {
    if (weight === undefined)
      at.in(index, "weight").fault(weight, "a weight for each of several targets", "add it");
  });
  if (given.length === targets.length) weightSum(given, at, { relative });
}

const redirectCodes = [301, 302, 303, 307, 308];

function redirectSpec(redirect: RedirectAction, at: Place): object {
  const { uri, prefixRewrite, authority, scheme, port: choice, redirectCode } = redirect;
  const { kind: _, port: __, ...rest } = redirect;
  if (uri !== undefined) filledText(uri, at.in("uri"));
  if (prefixRewrite !== undefined) pathText(prefixRewrite, at.in("prefixRewrite"));
  if (uri !== undefined && prefixRewrite !== undefined) {
    at.fault({ uri, prefixRewrite }, "one of uri and prefixRewrite", "drop one");
  }
  if ([uri, prefixRewrite, authority, scheme, choice].every((value) => value === undefined)) {
    at.fault("nothing new", "uri, prefixRewrite, authority, scheme or port", "say where clients are sent");
  }
  if (authority !== undefined) host(authority, at.in("authority"), { wildcard: false });
  if (scheme !== undefined) oneOf(scheme, ["http", "https"], at.in("scheme"));
  if (redirectCode !== undefined && !redirectCodes.includes(redirectCode)) {
    at.in("redirectCode").fault(redirectCode, redirectCodes.join(", "), "write one of these");
  }
  if (choice === undefined) return rest;
  return typeof choice === "number"
    ? { ...rest, port: port(choice, at.in("port")) }
    : { ...rest, derivePort: oneOf(choice, ["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"], at.in("port")) };
}

const KIB = 1024;
const MOST_BODY = 100 * KIB;

function directResponseSpec({ status, body }: DirectResponseAction, at: Place): object {
  statusCode(status, at.in("status"));
  const size =
    body === undefined ? 0 : "string" in body ? Buffer.byteLength(body.string) : bytesOf(body.bytes, at);
  if (size > MOST_BODY) {
    at.in("body").fault(
      `${size} bytes`,
      `at most ${MOST_BODY} bytes`,
      "serve it from a Service: every proxy keeps it",
    );
  }
  return { status, ...(body === undefined ? {} : { body }) };
}

function bytesOf(text: string, at: Place): number {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    at.in("body", "bytes").fault(text, "bytes in base64", "encode them");
  }
  return Buffer.from(text, "base64").length;
}

/** What a route does with what it takes, as fields of the route. */
export function actionSpec(action: HttpAction, context: TrafficContext, at: Place): object {
  switch (action.kind) {
    case "forward":
      return { route: destinationsSpec(action, context, at) };
    case "redirect":
      return { redirect: redirectSpec(action, at) };
    case "directResponse":
      return { directResponse: directResponseSpec(action, at) };
    case "delegate":
      return { delegate: { name: action.name, namespace: action.namespace } };
  }
}
