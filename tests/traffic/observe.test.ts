import { describe, expect, it } from "vitest";
import { observe } from "../../scripts/lib/traffic/observe";
import type { Watched } from "../../scripts/lib/traffic/snapshots";
import { fixture, pods, result, reviews, watched } from "./support";

const v1 = { name: "bookinfo/reviews-v1-a", version: "v1" };
const v2 = { name: "bookinfo/reviews-v2-b", version: "v2" };
const told = ({ answers, copies, problems }: ReturnType<typeof observe>) => ({ answers, copies, problems });

/** The same with each endpoint at an address of its own, as pods have it. */
const apart = (text: string) =>
  text.replaceAll("127.0.0.1:18081", "10.0.0.1:9080").replaceAll("127.0.0.1:18082", "10.0.0.2:9080");
const byPods = pods({ "10.0.0.1": v1, "10.0.0.2": v2 });
const whole = (name: string): Watched[] =>
  watched(name).map(({ proxy, before, after }) => ({
    proxy,
    before: { ...before, clusters: apart(before.clusters) },
    after: { ...after, clusters: apart(after.clusters) },
  }));

describe("observe, by counters of a real Envoy", () => {
  it("tells subsets apart", () => {
    expect(told(observe(whole("split"), result({ 200: 1000 }), byPods))).toEqual({
      answers: [
        { to: { service: reviews, version: "v1" }, status: 200, count: 788 },
        { to: { service: reviews, version: "v2" }, status: 200, count: 212 },
      ],
      copies: [],
      problems: [],
    });
  });

  it("tells versions of one destination apart by what its pods got", () => {
    const seen = observe(whole("all"), result({ 200: 200 }), byPods);
    expect(told(seen)).toEqual({
      answers: [
        { to: { service: reviews, version: "v1" }, status: 200, count: 100 },
        { to: { service: reviews, version: "v2" }, status: 200, count: 100 },
      ],
      copies: [],
      problems: [],
    });
    expect(seen.pods).toEqual([
      { service: reviews, pod: v1.name, version: "v1", count: 100 },
      { service: reviews, pod: v2.name, version: "v2", count: 100 },
    ]);
  });

  it("counts copies apart from answers", () => {
    expect(told(observe(watched("mirror"), result({ 200: 200 }), pods({})))).toEqual({
      answers: [{ to: { service: reviews }, status: 200, count: 200 }],
      copies: [{ to: { service: reviews }, count: 200 }],
      problems: [],
    });
  });

  it("counts how requests end and not what was tried before, though counters of the moment may fall", () => {
    const seen = observe(watched("retry"), result({ 200: 486, 503: 14 }), pods({}));
    expect(told(seen).answers).toEqual([
      { to: { service: reviews }, status: 200, count: 486 },
      { to: { service: reviews }, status: 503, count: 14 },
    ]);
    expect(seen.counter(reviews, "upstream_rq_retry")).toBe(210);
    expect(seen.counter("ratings.bookinfo", "upstream_rq_retry")).toBe(0);
  });

  it("takes what no destination has counted for a proxy's own answer", () => {
    const seen = observe(watched("mirror"), result({ 200: 200, 500: 90, [-1]: 1 }), pods({}));
    expect(told(seen).answers).toEqual([
      { to: { service: reviews }, status: 200, count: 200 },
      { status: -1, count: 1 },
      { status: 500, count: 90 },
    ]);
  });

  it("says so where others have used the proxies meanwhile", () => {
    expect(observe(watched("mirror"), result({ 200: 150 }), pods({})).problems).toEqual([
      "the proxies counted 200 answers 200, the client got 150: somebody else uses them too; repeat it when they are quiet",
    ]);
  });

  it("refuses a proxy that was started anew", () => {
    const [one] = watched("retry");
    const turned = one === undefined ? [] : [{ ...one, before: one.after, after: one.before }];
    expect(() => observe(turned, result({ 200: 1 }), pods({}))).toThrow(
      "the proxy of fortio/fortio-1 was started anew while it was watched; repeat it",
    );
  });
});

describe("observe, where Envoy's counters are hidden", () => {
  const sample = (labels: string, value: number) =>
    `istio_requests_total{reporter="source",${labels}} ${value}\n`;
  const to = (version: string) =>
    `destination_workload="reviews-${version}",destination_service="reviews.bookinfo.svc.cluster.local",destination_version="${version}"`;
  const hidden = (prometheus: string): Watched[] =>
    whole("all").map(({ proxy, before, after }) => ({
      proxy,
      before: { ...before, stats: "" },
      after: { ...after, stats: "", prometheus },
    }));

  it("goes by Istio's own counter", () => {
    const nowhere = 'destination_workload="unknown",destination_service="reviews.bookinfo.svc.cluster.local"';
    const text = [
      sample(`${to("v1")},response_code="200"`, 100),
      sample(`${to("v2")},response_code="200"`, 99),
      sample(`${to("v2")},response_code="503"`, 1),
      sample(`${nowhere},destination_version="unknown",response_code="500"`, 7),
    ].join("");
    const seen = observe(hidden(text), result({ 200: 199, 503: 1, 500: 7 }), byPods);
    expect(seen.source).toBe("istio");
    expect(told(seen)).toEqual({
      answers: [
        { to: { service: reviews, version: "v1" }, status: 200, count: 100 },
        { to: { service: reviews, version: "v2" }, status: 200, count: 99 },
        { to: { service: reviews, version: "v2" }, status: 503, count: 1 },
        { status: 500, count: 7 },
      ],
      copies: [],
      problems: [],
    });
  });

  it("takes pods that got requests which nobody waited for as those that got copies", () => {
    const seen = observe(
      hidden(sample(`${to("v1")},response_code="200"`, 100)),
      result({ 200: 100 }),
      byPods,
    );
    expect(told(seen).copies).toEqual([{ to: { service: reviews, version: "v2" }, count: 100 }]);
  });

  it("says how to show them where Istio's are missing too", () => {
    expect(() => observe(hidden(""), result({ 200: 200 }), byPods)).toThrow(
      "the proxy of fortio/fortio-1 hides its counters; give its pods the annotation proxy.istio.io/config with proxyStatsMatcher.inclusionPrefixes: [cluster.outbound]",
    );
  });
});

it("has fixtures of a real proxy", () => {
  expect(fixture("split-after-stats.txt")).toMatch(/\|v1\|.*;\.upstream_rq_200: 788$/m);
});
