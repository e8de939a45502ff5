import { ofMinor } from "../../mesh/api-versions";
import type { TrafficContext } from "../context";
import type { Place } from "../faults";
import { destinationOf } from "../handles";
import {
  duration,
  headerName,
  headerValue,
  integer,
  milliseconds,
  oneOf,
  percent,
  regex,
  statusCode,
} from "../values";
import { textCondition } from "./conditions";
import {
  type CorsModifier,
  type FaultModifier,
  grpcStatuses,
  type HeaderChanges,
  type HeaderOperations,
  httpMethods,
  type MirrorModifier,
  type RetryModifier,
  retryConditions,
} from "./modifier-types";

/** What else happens to requests, as Istio's objects have it. Each checks its own fields alone. */

const percentage = (value: number, at: Place) => ({
  percentage: { value: percent(value, at.in("percentage")) },
});

export function faultSpec({ delay, abort }: FaultModifier, at: Place): object {
  if (delay === undefined && abort === undefined) at.fault({}, "a delay, an abort, or both", "add one");
  return {
    ...(delay === undefined ? {} : { delay: delaySpec(delay, at.in("delay")) }),
    ...(abort === undefined ? {} : { abort: abortSpec(abort, at.in("abort")) }),
  };
}

const delaySpec = (
  { fixedDelay, percentage: share = 100 }: NonNullable<FaultModifier["delay"]>,
  at: Place,
) => ({
  ...percentage(share, at),
  fixedDelay: duration(fixedDelay, at.in("fixedDelay")),
});

function abortSpec(
  { httpStatus, grpcStatus, percentage: share = 100 }: NonNullable<FaultModifier["abort"]>,
  at: Place,
) {
  if ((httpStatus === undefined) === (grpcStatus === undefined)) {
    at.fault({ httpStatus, grpcStatus }, "one of httpStatus and grpcStatus", "name one");
  }
  if (httpStatus !== undefined) statusCode(httpStatus, at.in("httpStatus"));
  if (grpcStatus !== undefined) oneOf(grpcStatus, grpcStatuses, at.in("grpcStatus"));
  return {
    ...percentage(share, at),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(grpcStatus === undefined ? {} : { grpcStatus }),
  };
}

const backoffSince = "1.27";

/** Retries; `timeout` is that of the whole request, which one try must not outlast. */
export function retrySpec(
  retries: RetryModifier,
  timeout: string | undefined,
  { version }: TrafficContext,
  at: Place,
): object {
  const { attempts, perTryTimeout, retryOn, retryRemoteLocalities, retryIgnorePreviousHosts, backoff } =
    retries;
  integer(attempts, at.in("attempts"), { max: 100 });
  if (attempts === 0 && Object.keys(retries).length > 1) {
    at.in("attempts").fault(
      0,
      "1 or more, or attempts: 0 and nothing else",
      "drop the other fields to switch off",
    );
  }
  if (backoff !== undefined && !ofMinor(version, backoffSince)) {
    at.in("backoff").fault(backoff, `nothing before Istio ${backoffSince}`, `drop it, or use a newer Istio`);
  }
  const most = timeout !== undefined && milliseconds(timeout) !== undefined ? { max: timeout } : {};
  const place = at.in("retryOn");
  retryOn?.forEach((condition, index) => {
    if (typeof condition === "number") statusCode(condition, place.in(index), { min: 100 });
    else oneOf(condition, retryConditions, place.in(index));
  });
  if (retryOn?.length === 0)
    place.fault([], "one condition or more", "name one, or drop the field for the default");
  return {
    attempts,
    ...(perTryTimeout === undefined
      ? {}
      : { perTryTimeout: duration(perTryTimeout, at.in("perTryTimeout"), most) }),
    ...(retryOn === undefined ? {} : { retryOn: retryOn.join(",") }),
    ...(retryRemoteLocalities === undefined ? {} : { retryRemoteLocalities }),
    ...(retryIgnorePreviousHosts === undefined ? {} : { retryIgnorePreviousHosts }),
    ...(backoff === undefined ? {} : { backoff: duration(backoff, at.in("backoff")) }),
  };
}

export const mirrorsSpec = (
  mirrors: readonly MirrorModifier[],
  context: TrafficContext,
  at: Place,
): object[] =>
  mirrors.map(({ to, port, percentage: share = 100 }, index) => ({
    destination: destinationOf(to, port, context, at.in(index)),
    ...percentage(share, at.in(index)),
  }));

export function corsSpec(cors: CorsModifier, at: Place): object {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAge } = cors;
  if (allowOrigins.length === 0) at.in("allowOrigins").fault([], "one origin or more", "name one");
  const origins = allowOrigins.map((origin, index) => {
    const place = at.in("allowOrigins", index);
    const { how, text } = textCondition(origin, place);
    if (how === "exact" && text !== "*" && !/^[a-z][a-z0-9+.-]*:\/\/[^/]+$/.test(text)) {
      place.fault(text, "scheme://host[:port] without a path, or *", "write it as browsers send it");
    }
    return { [how]: text };
  });
  allowMethods?.forEach((method, index) => {
    oneOf(method, [...httpMethods, "*"], at.in("allowMethods", index));
  });
  const names = { allowHeaders, exposeHeaders };
  for (const [field, list] of Object.entries(names)) {
    list?.forEach((name, index) => {
      headerName(name, at.in(field, index), "cors");
    });
  }
  return {
    ...cors,
    allowOrigins: origins,
    ...(maxAge === undefined ? {} : { maxAge: duration(maxAge, at.in("maxAge"), { step: "1s" }) }),
  };
}

export function headersSpec({ request, response }: HeaderChanges, at: Place): object {
  if (request === undefined && response === undefined) at.fault({}, "request, response, or both", "add one");
  if (request !== undefined) checkOperations(request, "request", at.in("request"));
  if (response !== undefined) checkOperations(response, "response", at.in("response"));
  return { ...(request === undefined ? {} : { request }), ...(response === undefined ? {} : { response }) };
}

function checkOperations(operations: HeaderOperations, use: "request" | "response", at: Place): void {
  const { set = {}, add = {}, remove = [] } = operations;
  const taken = Object.entries({ set, add }).flatMap(([field, values]) =>
    Object.entries(values).map(([name, value]) => {
      headerName(name, at.in(field, name), use);
      headerValue(value, at.in(field, name));
      return name.toLowerCase();
    }),
  );
  remove.forEach((name, index) => {
    headerName(name, at.in("remove", index), "response");
    if (taken.includes(name.toLowerCase()))
      at.in("remove", index).fault(name, "a header that is not set too", "drop it");
  });
  if (taken.length + remove.length === 0)
    at.fault(operations, "set, add or remove with something in it", "add some");
}

/** Names under which the host of a request can be set; only one may be. */
export const setsAuthority = (changes: HeaderChanges | undefined): string[] =>
  Object.keys({ ...changes?.request?.set, ...changes?.request?.add }).filter((name) =>
    [":authority", "host"].includes(name.toLowerCase()),
  );

export const regexRewriteSpec = (value: { readonly match: string; readonly rewrite: string }, at: Place) => {
  regex(value.match, at.in("match"));
  if (value.rewrite === "")
    at.in("rewrite").fault("", "text that is not empty", "write what comes in its place");
  return { match: value.match, rewrite: value.rewrite };
};
