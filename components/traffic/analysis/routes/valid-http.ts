import type { Field } from "../field";
import type { Notes } from "../notes";
import { regexFault } from "../schema/compare";
import {
  oneAuthority,
  validDestination,
  validHeaderChanges,
  validHeaderMatches,
  validStringMatch,
  validWeights,
} from "./valid-values";

/** What a rule may not do at the same time. */
const conflicts = [
  ["redirect", ["route", "fault", "rewrite", "directResponse"]],
  ["directResponse", ["route", "fault", "rewrite"]],
] as const;

const given = (field: Field) => field.given && (!Array.isArray(field.value) || field.items().length > 0);

function validAction(rule: Field, delegate: boolean, notes: Notes): void {
  if (rule.at("delegate").given && !delegate) {
    for (const name of ["redirect", "route"]) {
      if (rule.at(name).given)
        notes.refuse(rule.at(name), `${name} beside delegate`, "let the delegate do it");
    }
    return;
  }
  if (rule.at("delegate").given) {
    notes.refuse(rule.at("delegate"), "a delegate that delegates again", "write its routes here");
  }
  for (const [action, excluded] of conflicts) {
    if (!rule.at(action).given) continue;
    for (const name of excluded) {
      if (given(rule.at(name))) notes.refuse(rule.at(name), `${name} beside ${action}`, "keep one of them");
    }
  }
  const acts = ["redirect", "directResponse"].some((name) => rule.at(name).given);
  if (!acts && rule.at("route").items().length === 0) {
    notes.refuse(rule, "the rule does nothing", "give it a route, a redirect or a directResponse");
  }
  if (rule.at("mirror").given && given(rule.at("mirrors"))) {
    notes.refuse(rule.at("mirror"), "mirror beside mirrors", "put it into mirrors");
  }
}

const statuses = [
  ...["5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx"],
  ...["refused-stream", "retriable-status-codes", "retriable-headers", "envoy-ratelimited"],
  ...["http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal", "resource-exhausted"],
  "unavailable",
];

/** Statuses that HTTP has a word for. */
const isStatus = (text: string) => {
  const number = Number(text);
  const ranges = [
    [100, 103],
    [200, 208],
    [226, 226],
    [300, 305],
    [307, 308],
    [400, 418],
    [421, 426],
    [428, 429],
    [431, 431],
    [451, 451],
    [500, 508],
    [510, 511],
  ];
  return ranges.some(([first = 0, last = 0]) => number >= first && number <= last);
};

function validRetries(rule: Field, notes: Notes): void {
  const retries = rule.at("retries");
  if (!retries.given) return;
  const attempts = retries.at("attempts").number() ?? 0;
  if (attempts < 0) notes.refuse(retries.at("attempts"), "fewer than no attempts", "write 0 or more");
  const rest = ["perTryTimeout", "retryOn", "retryRemoteLocalities"].filter((name) => retries.at(name).given);
  if (attempts === 0 && rest.length > 0) {
    notes.refuse(
      retries,
      `${rest.join(", ")} without attempts: retries are off`,
      "write attempts, or nothing else",
    );
  }
  notes.duration(retries.at("perTryTimeout"));
  const conditions = retries.at("retryOn").text() ?? "";
  for (const one of conditions === "" ? [] : conditions.split(",")) {
    if (statuses.includes(one) || isStatus(one)) continue;
    notes.refuse(
      retries.at("retryOn"),
      `${one || "nothing"} is no condition to retry on`,
      "write 5xx, connect-failure, 503 or the like, with commas and no spaces",
    );
  }
}

const grpc = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED"],
  ...["OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"],
];

function validStatus(at: Field, notes: Notes): void {
  const status = at.number();
  if (status === undefined || (status >= 200 && status <= 600)) return;
  notes.refuse(at, `${status} is no status that a proxy can answer with`, "write 200 to 599");
}

function validFault(rule: Field, notes: Notes): void {
  const fault = rule.at("fault");
  if (!fault.given) return;
  const [abort, delay] = [fault.at("abort"), fault.at("delay")];
  if (!abort.given && !delay.given)
    notes.refuse(fault, "a fault that does nothing", "give it a delay or an abort");
  for (const one of [abort, delay]) {
    const percentage = one.at("percentage", "value");
    const value = percentage.number() ?? 0;
    if (value < 0 || value > 100 || (value > 0 && value < 0.0001)) {
      notes.refuse(percentage, `${value} is neither 0 nor 0.0001 to 100`, "write such a percentage");
    }
  }
  validStatus(abort.at("httpStatus"), notes);
  const code = abort.at("grpcStatus").text();
  if (code !== undefined && !grpc.includes(code)) {
    notes.refuse(abort.at("grpcStatus"), `${code} is no status of gRPC`, "write one like UNAVAILABLE");
  }
  if (abort.at("http2Error").given) {
    notes.refuse(abort.at("http2Error"), "faults of HTTP/2 are not supported", "write httpStatus");
  }
  const kinds = ["httpStatus", "grpcStatus", "http2Error"];
  if (abort.given && !kinds.some((name) => abort.at(name).given)) {
    notes.warn(abort, "an abort without a status does nothing", "give it httpStatus or grpcStatus");
  }
  notes.duration(delay.at("fixedDelay"));
  if (delay.at("exponentialDelay").given) {
    notes.refuse(delay.at("exponentialDelay"), "exponential delays are not supported", "write fixedDelay");
  }
}

function validRedirect(rule: Field, notes: Notes): void {
  const redirect = rule.at("redirect");
  if (!redirect.given) return;
  const names = ["uri", "prefixRewrite", "authority", "port", "derivePort", "scheme"];
  const set = names.filter((name) => !["", undefined, null].includes(redirect.at(name).value as string));
  if (set.length === 0)
    notes.refuse(redirect, "a redirect to the same place", "give uri, authority, scheme or port");
  if (set.includes("uri") && set.includes("prefixRewrite")) {
    notes.refuse(redirect.at("prefixRewrite"), "prefixRewrite beside uri", "keep one of them");
  }
  const code = redirect.at("redirectCode").number() ?? 0;
  if (code !== 0 && (code < 300 || code > 399)) {
    notes.refuse(redirect.at("redirectCode"), `${code} is no redirect`, "write 301, 302, 303, 307 or 308");
  }
  const scheme = redirect.at("scheme").text() ?? "";
  if (!["", "http", "https"].includes(scheme)) {
    notes.refuse(redirect.at("scheme"), `${scheme} is no scheme to redirect to`, "write http or https");
  }
  const matches = rule
    .at("match")
    .items()
    .filter((match) => match.at("uri").given);
  if (set.includes("prefixRewrite") && matches.some((match) => !match.at("uri", "prefix").given)) {
    notes.refuse(
      redirect.at("prefixRewrite"),
      "a prefix to rewrite, and a match without one",
      "match by uri.prefix",
    );
  }
}

function validRewrite(rule: Field, notes: Notes): void {
  const rewrite = rule.at("rewrite");
  if (!rewrite.given) return;
  const [uri, regex] = [rewrite.at("uri").text() ?? "", rewrite.at("uriRegexRewrite")];
  if (uri !== "" && regex.given) notes.refuse(regex, "uriRegexRewrite beside uri", "keep one of them");
  if (uri === "" && !regex.given && (rewrite.at("authority").text() ?? "") === "") {
    notes.refuse(rewrite, "a rewrite of nothing", "give uri, uriRegexRewrite or authority");
  }
  if (!regex.given) return;
  const [match, to] = [regex.at("match").text() ?? "", regex.at("rewrite").text() ?? ""];
  if (match === "" || to === "") notes.refuse(regex, "match or rewrite is missing", "give both");
  const fault = match === "" ? undefined : regexFault(match);
  if (fault !== undefined) {
    notes.refuse(regex.at("match"), `the regular expression ${fault}`, "write it in the syntax of RE2");
  }
}

const methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "*"];

function validCors(rule: Field, notes: Notes): void {
  const cors = rule.at("corsPolicy");
  for (const origin of cors.at("allowOrigins").items()) {
    const text = ["exact", "prefix", "regex"].map((name) => origin.at(name).text() ?? "").join("");
    if (text === "") notes.refuse(origin, "an origin that matches nothing", "give exact, prefix or regex");
    else validStringMatch(origin, notes);
  }
  for (const method of cors.at("allowMethods").items()) {
    if (!methods.includes(method.text() ?? "")) {
      notes.refuse(method, `${method.text()} is no method`, "write it in capitals, or *");
    }
  }
  for (const name of ["allowHeaders", "exposeHeaders"].flatMap((list) => cors.at(list).items())) {
    if (!/^([-_A-Za-z0-9]+|\*)$/.test(name.text() ?? "")) {
      notes.refuse(
        name,
        `${name.text() || "nothing"} is no name of a header`,
        "write letters, digits, - and _, or *",
      );
    }
  }
}

function validMirrors(rule: Field, notes: Notes): void {
  notes.percent(rule.at("mirrorPercentage", "value"));
  for (const name of ["mirrorPercent", "mirror_percent"]) {
    const percent = rule.at(name);
    notes.percent(percent);
    if (percent.given)
      notes.warn(percent, "mirrorPercent is deprecated", "write mirrorPercentage with a value");
  }
  validDestination(rule.at("mirror"), notes);
  for (const mirror of rule.at("mirrors").items()) {
    if (!mirror.at("destination").given) notes.refuse(mirror, "no destination", "give one with a host");
    validDestination(mirror.at("destination"), notes);
    notes.percent(mirror.at("percentage", "value"));
  }
}

function validMatches(rule: Field, notes: Notes): void {
  for (const match of rule.at("match").items()) {
    validStringMatch(match.at("uri"), notes, true);
    for (const name of ["scheme", "method", "authority"]) validStringMatch(match.at(name), notes);
    for (const [, query] of match.at("queryParams").entries()) validStringMatch(query, notes);
    validHeaderMatches(match.at("headers"), notes, false);
    validHeaderMatches(match.at("withoutHeaders"), notes, true);
  }
}

/** What Istio's webhook refuses in an HTTP rule. */
export function validHttpRule(rule: Field, delegate: boolean, notes: Notes): void {
  validAction(rule, delegate, notes);
  validMatches(rule, notes);
  validHeaderChanges(rule.at("headers"), notes);
  oneAuthority(rule, notes);
  validWeights(rule, notes);
  validRetries(rule, notes);
  validFault(rule, notes);
  validRedirect(rule, notes);
  validRewrite(rule, notes);
  validCors(rule, notes);
  validMirrors(rule, notes);
  notes.duration(rule.at("timeout"));
  const answer = rule.at("directResponse");
  validStatus(answer.at("status"), notes);
  const size = (answer.at("body", "string").text() ?? "").length;
  if (size > 1_000_000) notes.refuse(answer.at("body"), "a body of more than 1 MB", "let a server send it");
  else if (size > 100_000)
    notes.warn(answer.at("body"), "a body of more than 100 kB burdens istiod", "let a server send it");
}
