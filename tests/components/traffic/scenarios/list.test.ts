import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultNamespaces, scenarios } from "../../../../components/traffic/scenarios";
import { apps } from "../../../../stacks/config/apps-schema";
import { context } from "./support";

/** What was asked for, and which scenarios it is. */
const asked: Readonly<Record<string, readonly string[]>> = {
  "jason → v2": ["reviews-jason"],
  "jason → fault": ["reviews-jason-fault"],
  "luffy → v3": ["reviews-luffy", "reviews-v3"],
  "zyx header": ["web-zyx"],
  "50/50 v1/v3": ["reviews-v1-v3"],
  "10/90 v2/v3": ["reviews-v2-v3"],
  "tomcat/httpd 80/20": ["web-split"],
  "front-tomcat/bill-service 90/10 in mesh": ["front-split", "bill-split"],
  "front-tomcat 90/10 through the gateway": ["front-gateway-split"],
  "/rate → /ratings": ["bookinfo-paths", "bookinfo-rate"],
  "httpbin mirror v1→v2": ["httpbin-mirror"],
  "delay 7 s": ["ratings-jason-delay"],
  "delay 2 s": ["ratings-delay"],
  "abort 30 %": ["reviews-jason-fault"],
  "abort 50 %": ["details-abort"],
  "timeout 0.5 s": ["reviews-timeout"],
  "retries on 20 % errors": ["httpbin-errors", "httpbin-retries", "httpbin-retries-gateway"],
  "load balancing": ["lab-balancing", "reviews-random"],
  "consistent hash": ["lab-hash"],
  "connection pool": ["lab-tcp-pool", "lab-http-pool"],
  outlier: ["lab-outlier", "httpbin-ejection"],
  "circuit breaker": ["lab-breaker"],
  "timeout table": ["lab-timeout", "lab-timeout-slow"],
  "rate limits": ["lab-limits", "lab-limits-redis", "lab-limits-cookie", "lab-limits-all"],
  "newcomer's canary": ["reviews-canary"],
};

const all = Object.values(scenarios);

describe("the list of scenarios", () => {
  it("has every experiment that was asked for, and nothing besides", () => {
    const wanted = [...new Set(Object.values(asked).flat())].sort();
    expect(Object.keys(scenarios).sort()).toEqual(wanted);
  });

  it("has a line for each in docs/scenarios.md", () => {
    const page = readFileSync("docs/scenarios.md", "utf8");
    const named = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(scenarios).sort());
  });

  it("goes by names that commands can take", () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      expect(scenario.name).toBe(name);
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      const runs = scenario.runs(context).map((run) => run.name);
      expect(new Set(runs).size).toBe(runs.length);
      expect(runs.length).toBeGreaterThan(0);
      for (const run of runs) expect(run).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }
  });

  it("needs fortio everywhere, and settings that the config has", () => {
    for (const { needs, name } of all) {
      expect(Object.keys(needs), name).toContain("fortio");
      // What a setting is checked against is what the schema makes of it.
      expect(() => apps.parse(needs), name).not.toThrow();
    }
  });

  it("takes the applications to be where their config puts them by default", () => {
    const on = apps.parse(Object.fromEntries(Object.keys(defaultNamespaces).map((app) => [app, {}])));
    const found = Object.fromEntries(
      (Object.keys(defaultNamespaces) as (keyof typeof defaultNamespaces)[]).map((app) => {
        const config = on[app];
        return [app, config === false ? undefined : config.namespace];
      }),
    );
    expect(defaultNamespaces).toEqual(found);
  });
});

describe("runs", () => {
  const runs = all.flatMap((scenario) =>
    scenario.runs(context).map((run) => ({ at: `${scenario.name} ${run.name}`, run })),
  );

  it.each(runs)("$at has a load for each row, sent by fortio", ({ run }) => {
    const { loads, expect: expected, client, via, gateway, request } = run;
    expect(client).toBe("fortio/fortio");
    expect(gateway === undefined).toBe(via === "mesh");
    expect(request.path).toMatch(/^\//);
    expect(loads.length).toBeGreaterThan(0);
    for (const load of loads) expect(load.requests).toBeGreaterThanOrEqual(load.connections);
    if (expected.kind !== "shape") expect(loads).toHaveLength(1);
    else {
      expect(expected.document).toHaveLength(loads.length);
      expect(expected.statuses).toContain(expected.status);
      for (const property of expected.holds) if ("row" in property) expect(loads[property.row]).toBeDefined();
    }
  });

  it.each([
    ["lab-http-pool", [95, 88.5, 64]],
    ["lab-breaker", [99, 78.7, 56.2]],
    ["lab-timeout", [94, 23]],
    ["lab-limits", [100, 100, 96.7]],
  ])("%s has the figures of document 004 beside it", (name, figures) => {
    const expected = scenarios[name]?.runs(context)[0]?.expect;
    const document = expected?.kind === "shape" ? expected.document : [];
    expect(document.map((row) => row?.[200])).toEqual(figures);
    for (const row of document) {
      expect(Object.values(row ?? {}).reduce((sum, part) => sum + part, 0)).toBeCloseTo(100, 6);
    }
  });

  it("goes to namespaces that the config has", () => {
    const moved = { ...context, namespaces: { bookinfo: "shop", fortio: "load", httpbin: "shop" } };
    for (const name of ["reviews-canary", "bookinfo-rate", "httpbin-mirror"]) {
      const scenario = scenarios[name];
      for (const run of scenario?.runs(moved) ?? []) expect(run.client).toBe("load/fortio");
      const namespaces = scenario?.render(moved).map(({ metadata }) => metadata.namespace);
      expect(new Set(namespaces)).toEqual(new Set(["shop"]));
    }
    expect(scenarios["reviews-canary"]?.runs(moved)[0]?.request.host).toBe("reviews.shop");
  });
});
