import { describe, expect, it } from "vitest";
import { scenarios } from "../../../../components/traffic/scenarios";
import { distribution, predict, shareOf } from "./predict";
import { context, objectsOf, scenario } from "./support";

/** Written by hand from the documents. Where a load decides, this is what is left without one. */
const documents: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  "reviews-v1-v3": { everybody: { "reviews.bookinfo v1 200": 0.5, "reviews.bookinfo v3 200": 0.5 } },
  "reviews-jason": {
    jason: { "reviews.bookinfo v2 200": 1 },
    others: { "reviews.bookinfo v1 200": 1 },
  },
  "reviews-jason-fault": {
    jason: {
      "nobody 500": 0.21,
      "nobody 500 after 5000 ms": 0.09,
      "reviews.bookinfo v1 200": 0.49,
      "reviews.bookinfo v1 200 after 5000 ms": 0.21,
    },
    others: { "reviews.bookinfo v1 200": 0.5, "reviews.bookinfo v3 200": 0.5 },
  },
  "reviews-v3": { everybody: { "reviews.bookinfo v3 200": 1 } },
  "reviews-v2-v3": { everybody: { "reviews.bookinfo v2 200": 0.1, "reviews.bookinfo v3 200": 0.9 } },
  "reviews-luffy": {
    luffy: { "reviews.bookinfo v3 200": 1 },
    others: { "reviews.bookinfo v2 200": 1 },
  },
  "reviews-canary": { everybody: { "reviews.bookinfo v1 200": 0.9, "reviews.bookinfo v3 200": 0.1 } },
  "ratings-jason-delay": {
    jason: { "ratings.bookinfo v1 200 after 7000 ms": 1 },
    others: { "ratings.bookinfo v1 200": 1 },
  },
  "ratings-delay": { everybody: { "ratings.bookinfo v1 200 after 2000 ms": 1 } },
  "reviews-timeout": {
    others: { "reviews.bookinfo v2 504": 1 },
    luffy: { "reviews.bookinfo v3 200": 1 },
  },
  "details-abort": { everybody: { "nobody 500": 0.5, "details.bookinfo v1 200": 0.5 } },
  "bookinfo-paths": {
    productpage: { "productpage.bookinfo v1 200": 1 },
    reviews: {
      "reviews.bookinfo v1 200": 0.333333,
      "reviews.bookinfo v2 200": 0.333333,
      "reviews.bookinfo v3 200": 0.333333,
    },
    ratings: { "ratings.bookinfo v1 200": 1 },
    "the-rest": { "productpage.bookinfo v1 404": 1 },
  },
  "bookinfo-rate": {
    rate: { "ratings.bookinfo v1 200": 1 },
    ratings: { "productpage.bookinfo v1 404": 1 },
  },
  "web-split": { everybody: { "tomcat-svc.web-demo v1 200": 0.8, "httpd-svc.web-demo v1 200": 0.2 } },
  "web-zyx": {
    zyx: { "tomcat-svc.web-demo v1 200": 1 },
    others: { "httpd-svc.web-demo v1 200": 1 },
  },
  "bill-split": {
    everybody: { "bill-service.istio-demo v1 200": 0.9, "bill-service.istio-demo v2 200": 0.1 },
  },
  "front-split": {
    everybody: { "front-tomcat.istio-demo v1 200": 0.9, "front-tomcat.istio-demo v2 200": 0.1 },
  },
  "front-gateway-split": {
    everybody: { "front-tomcat.istio-demo v1 200": 0.9, "front-tomcat.istio-demo v2 200": 0.1 },
  },
  "httpbin-mirror": { everybody: { "httpbin.httpbin v1 200": 1 } },
  // "Four lines in the log."
  "httpbin-retries-gateway": { failing: { "httpbin.httpbin v1 502 in 4 tries": 1 } },
  "httpbin-errors": { "one-in-five": { "httpbin.httpbin v1 200": 0.8, "httpbin.httpbin v1 500": 0.2 } },
  "httpbin-retries": {
    "one-in-five": { "httpbin.httpbin v1 200": 0.9984, "httpbin.httpbin v1 500 in 4 tries": 0.0016 },
  },
  "httpbin-ejection": { failing: { "httpbin.httpbin v1 500": 0.5, "httpbin.httpbin v2 500": 0.5 } },
  "lab-balancing": {
    everybody: { "service-go.istio-lab v1 200": 0.5, "service-go.istio-lab v2 200": 0.5 },
    v2: { "service-go.istio-lab v2 200": 1 },
  },
  "reviews-random": {
    everybody: {
      "reviews.bookinfo v1 200": 0.333333,
      "reviews.bookinfo v2 200": 0.333333,
      "reviews.bookinfo v3 200": 0.333333,
    },
    v2: { "reviews.bookinfo v2 200": 1 },
  },
  "lab-hash": {
    "three-users": { "service-go.istio-lab v1 200": 0.5, "service-go.istio-lab v2 200": 0.5 },
  },
  "lab-tcp-pool": { table: lab("service-go", 200) },
  "lab-http-pool": { table: lab("service-go", 200) },
  "lab-outlier": { table: lab("service-go", 200) },
  "lab-breaker": { table: lab("service-go", 200) },
  "lab-timeout": { table: lab("service-node", 200) },
  "lab-timeout-slow": {
    "asks-go": {
      "service-node.istio-lab v1 200": 0.25,
      "service-node.istio-lab v2 200": 0.25,
      "service-node.istio-lab v1 504": 0.25,
      "service-node.istio-lab v2 504": 0.25,
    },
    "asks-nobody": lab("service-node", 200),
  },
  "lab-limits": {
    "service-go": lab("service-go", 200),
    "service-node": lab("service-node", 200),
    "service-node-forwarded": lab("service-node", 200),
    "service-python": lab("service-python", 200),
  },
  "lab-limits-redis": {
    "service-go": lab("service-go", 200),
    "service-node": lab("service-node", 200),
    "service-node-forwarded": lab("service-node", 200),
    "service-python": lab("service-python", 200),
  },
  "lab-limits-cookie": {
    "service-go": lab("service-go", 200),
    "known-user": lab("service-go", 200),
  },
  "lab-limits-all": {
    "service-go": lab("service-go", 200),
    "service-lua": lab("service-lua", 200),
  },
};

/** Both versions of a lab service by halves. */
function lab(name: string, status: number): Readonly<Record<string, number>> {
  return { [`${name}.istio-lab v1 ${status}`]: 0.5, [`${name}.istio-lab v2 ${status}`]: 0.5 };
}

const runs = Object.values(scenarios).flatMap((one) => {
  const objects = objectsOf(one.name);
  return one.runs(context).map((run) => ({ at: `${one.name} ${run.name}`, name: one.name, run, objects }));
});

const predictionOf = (name: string, run: string) => {
  const found = runs.find((one) => one.name === name && one.run.name === run);
  if (found === undefined) throw new Error(`no run ${run} of ${name}`);
  return { ...predict(found.objects, found.run), run: found.run };
};

describe("the simulator, over applications and scenario together", () => {
  it("has a distribution by hand for every run, and none besides", () => {
    const byHand = Object.entries(documents).flatMap(([name, own]) =>
      Object.keys(own).map((run) => `${name} ${run}`),
    );
    expect(byHand.sort()).toEqual(runs.map(({ at }) => at).sort());
  });

  it.each(runs)("says of $at what its document says", ({ name, run, objects }) => {
    expect(distribution(predict(objects, run).shares)).toEqual(documents[name]?.[run.name]);
  });

  it.each(runs.filter(({ run }) => run.expect.kind === "shares"))(
    "and for $at what the data expect, of every request",
    ({ run, objects }) => {
      const { shares, outcomes } = predict(objects, run);
      if (run.expect.kind !== "shares") throw new Error("no shares");
      const expected = run.expect;
      for (const share of expected.shares) expect(shareOf(share, shares)).toBeCloseTo(share.share, 9);
      expect(expected.shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      for (const { delivered } of outcomes)
        for (const { path } of delivered) expect(path).toBe(expected.path ?? run.request.path);
    },
  );

  it.each(runs.filter(({ run }) => run.expect.kind !== "shares"))(
    "knows no reason in the objects for the rows of $at to be otherwise than the load makes them",
    ({ run, objects }) => {
      const service = run.expect.kind === "shares" ? "" : run.expect.service;
      for (const { to } of predict(objects, run).shares) expect(to?.service).toBe(service);
    },
  );
});

describe("what the shares do not show", () => {
  it("copies every request of the mirror to v2, once", () => {
    const { outcomes, run } = predictionOf("httpbin-mirror", "everybody");
    expect(outcomes[0]?.mirrors).toEqual([
      { host: "httpbin.httpbin.svc.cluster.local", subset: "v2", probability: 1 },
    ]);
    expect(run.expect).toMatchObject({
      copies: [{ to: { service: "httpbin.httpbin", version: "v2" }, share: 1 }],
    });
  });

  it.each([
    ["httpbin-mirror", "everybody", "/hostname"],
    ["httpbin-retries-gateway", "failing", "/status/502"],
    ["bookinfo-rate", "rate", "/ratings/1"],
    ["bookinfo-rate", "ratings", "/ratings/1"],
    ["bookinfo-paths", "ratings", "/ratings/1"],
  ])("%s, %s: the application sees %s", (name, run, path) => {
    expect(predictionOf(name, run).outcomes[0]?.delivered.map((one) => one.path)).toEqual([path]);
  });

  it.each([
    ["reviews-v1-v3", "everybody", "loadBalancer: simple RANDOM"],
    ["lab-balancing", "everybody", "loadBalancer: simple ROUND_ROBIN"],
    ["lab-balancing", "v2", "loadBalancer: simple RANDOM"],
    ["reviews-random", "everybody", "loadBalancer: simple RANDOM"],
    ["reviews-random", "v2", "loadBalancer: simple ROUND_ROBIN"],
    ["lab-hash", "three-users", "loadBalancer: consistentHash.httpHeaderName x-lb-test"],
    ["lab-tcp-pool", "table", "connectionPool: tcp.maxConnections 10, tcp.connectTimeout 30ms"],
    [
      "lab-http-pool",
      "table",
      "connectionPool: http.http1MaxPendingRequests 5, http.http2MaxRequests 10, http.maxRequestsPerConnection 2, http.maxRetries 3",
    ],
    [
      "lab-outlier",
      "table",
      "outlierDetection: consecutive5xxErrors 3, interval 10s, baseEjectionTime 30s, maxEjectionPercent 10",
    ],
    [
      "lab-breaker",
      "table",
      "connectionPool: tcp.maxConnections 10, http.http1MaxPendingRequests 10, http.http2MaxRequests 10, http.maxRequestsPerConnection 10",
    ],
    [
      "lab-breaker",
      "table",
      "outlierDetection: consecutive5xxErrors 3, interval 3s, baseEjectionTime 180s, maxEjectionPercent 100",
    ],
    [
      "httpbin-ejection",
      "failing",
      "outlierDetection: consecutive5xxErrors 3, interval 10s, baseEjectionTime 30s, maxEjectionPercent 100",
    ],
  ])("%s, %s: the policy %s holds where the request arrives", (name, run, policy) => {
    const texts = predictionOf(name, run).outcomes[0]?.steps.flatMap(({ stage, text }) =>
      stage === "policy" ? [text] : [],
    );
    expect(texts).toContain(policy);
  });

  it("raises the canary as far as it is told", () => {
    const raised = { ...context, canaryWeight: 60 };
    const canary = scenario("reviews-canary");
    const [run] = canary.runs(raised);
    if (run === undefined) throw new Error("no run");
    const apps = objectsOf("reviews-v3").filter(
      ({ apiVersion }) => !apiVersion.startsWith("networking.istio.io"),
    );
    expect(distribution(predict([...apps, ...canary.render(raised)], run).shares)).toEqual({
      "reviews.bookinfo v1 200": 0.4,
      "reviews.bookinfo v3 200": 0.6,
    });
    expect(run.expect).toMatchObject({ shares: [{ share: 0.4 }, { share: 0.6 }] });
  });
});
