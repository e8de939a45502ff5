import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { kindCheck, note, type TrafficDraft } from "../define";
import { rulesFor } from "../destination-rules";
import { milliseconds } from "../duration";
import { type Field, specOf } from "../field";
import { virtualServiceKind } from "../kinds";
import { routeDestinations, rulesOf } from "../virtual-services";

/** The least time that Envoy waits between two tries. */
const BACKOFF_MS = 25;

const msAt = (field: Field) => milliseconds(field.text() ?? "");
const seconds = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);

function timing(rule: Field): TrafficDraft[] {
  const retries = rule.at("retries");
  const attempts = retries.at("attempts").number() ?? 0;
  const perTry = msAt(retries.at("perTryTimeout"));
  const timeout = msAt(rule.at("timeout"));
  if (attempts < 1 || perTry === undefined) return [];
  const whole = (attempts + 1) * perTry + attempts * BACKOFF_MS;
  if (timeout === undefined || timeout === 0) {
    return [
      note(
        "MP0404",
        retries.at("perTryTimeout"),
        `without a timeout a caller waits up to ${seconds(whole)}: the first try and ${attempts} more, ${seconds(perTry)} each`,
        "add a timeout over all tries",
      ),
    ];
  }
  if (timeout >= whole) return [];
  const message =
    perTry >= timeout
      ? `the first try alone may take ${seconds(perTry)}, and after ${seconds(timeout)} it is over: nothing is retried that was too slow`
      : `the first try and ${attempts} more may take ${seconds(whole)}, and after ${seconds(timeout)} it is over: the last ones never run`;
  return [
    note(
      "MP0403",
      rule.at("timeout"),
      message,
      `raise timeout to ${seconds(whole)}, or lower attempts or perTryTimeout`,
    ),
  ];
}

function fault(rule: Field): TrafficDraft[] {
  const attempts = rule.at("retries", "attempts").number() ?? 0;
  const abort = rule.at("fault", "abort");
  if (attempts < 1 || !abort.given) return [];
  return [
    note(
      "MP0407",
      abort,
      "the proxy that aborts is the one that would retry: it answers at once, and no retry is seen",
      "put the fault on the route of a service behind, or take the retries away for the test",
    ),
  ];
}

/** What timeout, retries and faults of one rule make of each other. */
export const soundTiming = kindCheck(["MP0403", "MP0404", "MP0407"], [virtualServiceKind], (object) =>
  rulesOf(object, "http").flatMap((rule) => [...timing(rule), ...fault(rule)]),
);

/** The circuit breaker of a DestinationRule, where it says how many retries may run at a time. */
function maxRetries(rules: readonly KubeObject[], subset: string | undefined): number | undefined {
  const policies = rules.flatMap((rule) => [
    ...specOf(rule)
      .at("subsets")
      .items()
      .filter((one) => subset !== undefined && one.at("name").text() === subset)
      .map((one) => one.at("trafficPolicy")),
    specOf(rule).at("trafficPolicy"),
  ]);
  return policies.map((policy) => policy.at("connectionPool", "http", "maxRetries").number()).find(Boolean);
}

function budget(rule: Field, index: ObjectIndex): TrafficDraft[] {
  const attempts = rule.at("retries", "attempts").number() ?? 0;
  if (attempts < 1) return [];
  return routeDestinations(rule).flatMap(({ target, subset, text }): TrafficDraft[] => {
    const most = maxRetries(rulesFor(target, index), subset);
    if (most === undefined || most >= attempts) return [];
    return [
      note(
        "MP0507",
        rule.at("retries", "attempts"),
        `the DestinationRule of ${text} lets ${most} retries run at a time for each caller, fewer than the ${attempts} of one request`,
        `raise connectionPool.http.maxRetries to ${attempts} or more, or lower attempts`,
      ),
    ];
  });
}

/** Retries that the other side's circuit breaker cuts off. */
export const retriesAllowed = kindCheck(["MP0507"], [virtualServiceKind], (object, index) =>
  rulesOf(object, "http").flatMap((rule) => budget(rule, index)),
);
