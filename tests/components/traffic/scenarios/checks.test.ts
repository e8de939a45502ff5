import { describe, expect, it } from "vitest";
import { analyse } from "../../../../components/lib/checks";
import { meshChecks } from "../../../../components/mesh/checks";
import { renderingCodes, trafficChecksFor } from "../../../../components/traffic/analysis";
import { checked } from "../../../../components/traffic/faults";
import { scenarios } from "../../../../components/traffic/scenarios";
import { fence, hazards, type TierName } from "../../../../components/traffic/tiers";
import { missingDefinitions, schemaFaults } from "../crds";
import { faultPaths } from "../setup";
import { appsOf, context, objectsOf } from "./support";

const all = Object.values(scenarios);

const found = (name: string, tier: TierName) =>
  analyse(objectsOf(name), [...meshChecks, ...trafficChecksFor({ tier: { name: tier } })], {
    elsewhere: Object.keys(renderingCodes),
  });

/** What is worth knowing about a scenario, and part of what it shows. */
const warnings: Readonly<Record<string, readonly string[]>> = {
  // The way in is the application's own, and has all pods behind it.
  "front-split": ["IST0140"],
  // 10 % of two pods.
  "lab-outlier": ["MP0503"],
};

describe("the checks, over applications and scenario together", () => {
  it.each(all)("find nothing wrong with $name", ({ name }) => {
    const findings = found(name, "dev");
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    const codes = findings.flatMap(({ severity, code }) => (severity === "warning" ? [code] : []));
    expect(codes).toEqual(warnings[name] ?? []);
  });

  it.for(all)("and $name fits Istio's definitions", ({ render }, { skip }) => {
    skip(missingDefinitions !== undefined, missingDefinitions);
    const own = render(context).filter(({ apiVersion }) => apiVersion.includes("istio.io"));
    for (const object of own) expect(schemaFaults(object)).toEqual([]);
  });

  it.each(all)("$name declares nothing that an application declares", (scenario) => {
    const names = (objects: ReturnType<typeof appsOf>) =>
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
    const own = names(scenario.render(context));
    expect(new Set(own).size).toBe(own.length);
    expect(names(appsOf(scenario)).filter((name) => own.includes(name))).toEqual([]);
  });
});

describe("fences", () => {
  const faulty = ["details-abort", "lab-timeout-slow", "ratings-delay", "ratings-jason-delay"];
  const injecting = [...faulty, "reviews-jason-fault", "reviews-timeout"];

  it("are told by every scenario that injects faults, and by no other", () => {
    const told = all.filter((one) => one.hazards.includes("faultInjection")).map(({ name }) => name);
    const holding = all.filter((one) => JSON.stringify(one.render(context)).includes('"fault"'));
    expect(told.sort()).toEqual(injecting);
    expect(holding.map(({ name }) => name).sort()).toEqual(injecting);
  });

  it.each(injecting)("keep %s out of production, by what it says and by what it renders", (name) => {
    const faults = (tier: TierName) =>
      faultPaths(() =>
        checked(`scenario ${name}`, (at) => {
          for (const hazard of scenarios[name]?.hazards ?? []) fence({ name: tier }, hazard, at.in(hazard));
        }),
      );
    expect([faults("dev"), faults("lab"), faults("production")]).toEqual([[], [], ["faultInjection"]]);
    const errors = found(name, "production").filter(({ severity }) => severity === "error");
    expect(errors.length).toBeGreaterThan(0);
  });

  it("keep loads that reach limits out of production too", () => {
    const loading = all.filter((one) => one.hazards.includes("load")).map(({ name }) => name);
    const limits = ["lab-limits", "lab-limits-all", "lab-limits-cookie", "lab-limits-redis"];
    const tables = ["lab-breaker", "lab-http-pool", "lab-outlier", "lab-tcp-pool", "lab-timeout"];
    expect(loading.sort()).toEqual(["httpbin-ejection", ...limits, ...tables].sort());
    expect(hazards.load).not.toContain("production");
  });

  it("let routes and weights into production", () => {
    for (const name of ["reviews-canary", "web-split", "front-gateway-split", "httpbin-mirror"])
      expect(found(name, "production").filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
