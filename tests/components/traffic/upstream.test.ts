import { describe, expect, it } from "vitest";
import type { PolicyWish } from "../../../components/traffic/destination-policy";
import { renderDestinations } from "../../../components/traffic/destinations";
import { proxyProtocol, retryBudget, tunnel } from "../../../components/traffic/upstream";
import { context, given, goRule, misfits, serviceGo } from "./destinations-support";

const render = (version: string, ...policies: PolicyWish[]) =>
  renderDestinations({ host: serviceGo, policies }, { version });

describe("retryBudget", () => {
  it("writes out Istio's defaults", () => {
    const rules = render(context.version, retryBudget({ budgetInterval: "0s" }));
    expect(rules).toEqual([
      goRule({
        trafficPolicy: { retryBudget: { percent: 20, minRetryConcurrency: 3, budgetInterval: "0s" } },
      }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it("refuses what is out of range, and an Istio before 1.28", () => {
    const wish = retryBudget({ percent: 101, minRetryConcurrency: 0 });
    expect(given(() => render("1.28.0", wish))).toEqual([
      "policies[0].percent: 101",
      "policies[0].minRetryConcurrency: 0",
    ]);
    expect(given(() => render("1.27.0", retryBudget({ percent: 25.5 })))).toEqual([
      'policies[0]: {"percent":25.5}',
    ]);
  });

  it("is not for one port", () => {
    expect(given(() => render(context.version, retryBudget({}, { port: "http" })))).toEqual([
      'policies[0]: "retryBudget for port 80"',
    ]);
  });
});

describe("tunnel and proxyProtocol", () => {
  it("are written as they are said", () => {
    const rules = render(context.version, tunnel({ targetHost: "db.example.com", targetPort: 5432 }));
    expect(rules).toEqual([
      goRule({
        trafficPolicy: { tunnel: { protocol: "CONNECT", targetHost: "db.example.com", targetPort: 5432 } },
      }),
    ]);
    const proxied = render(context.version, proxyProtocol({ version: "V2" }));
    expect(proxied).toEqual([goRule({ trafficPolicy: { proxyProtocol: { version: "V2" } } })]);
    expect([...misfits(rules), ...misfits(proxied)]).toEqual([]);
  });

  it("takes an address, and refuses short names and ports that are none", () => {
    expect(given(() => render(context.version, tunnel({ targetHost: "10.1.2.3", targetPort: 443 })))).toEqual(
      [],
    );
    expect(given(() => render(context.version, tunnel({ targetHost: "db", targetPort: 0 })))).toEqual([
      'policies[0].targetHost: "db"',
      "policies[0].targetPort: 0",
    ]);
  });

  it("exclude each other", () => {
    const both = [tunnel({ targetHost: "a.b", targetPort: 1 }), proxyProtocol()];
    expect(given(() => render(context.version, ...both))).toEqual(['tunnel: "tunnel and proxyProtocol"']);
  });
});
