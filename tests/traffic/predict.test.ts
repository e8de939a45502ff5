import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../components/lib/objects";
import { Simulator } from "../../components/traffic/simulate";
import { predict, simulatedRequest } from "../../scripts/lib/traffic/predict";
import { versionsOf } from "../../scripts/lib/traffic/scenario";
import { bookinfo, to, virtualService } from "../components/traffic/simulate/world";
import { reviews, runOf } from "./support";

const run = runOf({ client: "bookinfo/productpage-v1" });
const of = (spec: object, more = {}) => {
  const objects: KubeObject[] = [
    ...bookinfo,
    virtualService("bookinfo", "reviews", { hosts: ["reviews"], ...spec }),
  ];
  return predict(new Simulator(objects), { ...run, ...more }, versionsOf(objects));
};
const v1 = { service: reviews, version: "v1" };

describe("predict", () => {
  it("asks the simulator what the run sends", () => {
    expect(simulatedRequest(run)).toEqual({
      ...{ host: reviews, port: 9080, path: "/reviews/0", method: "GET", headers: {} },
      from: "bookinfo/productpage-v1",
    });
    expect(simulatedRequest(runOf({ via: "gateway", gateway: "bookinfo/door" }))).toMatchObject({
      gateway: "bookinfo/door",
    });
  });

  it("names Service, version, status, delay, copies and path", () => {
    const fault = { delay: { fixedDelay: "2s", percentage: { value: 100 } } };
    const route = { fault, route: [to("reviews", "v1")], mirrors: [{ ...to("reviews", "v2") }] };
    const { shares, copies, paths } = of({ http: [route] });
    expect(shares).toEqual([{ to: v1, status: 200, share: 1, delayMs: 2000 }]);
    expect(copies).toEqual([{ to: { service: reviews, version: "v2" }, share: 1 }]);
    expect(paths).toEqual(["/reviews/0"]);
  });

  it("draws anew for every try what applications answer", () => {
    const retries = { attempts: 3, retryOn: "5xx" };
    const assume = [
      { share: 0.8, answer: 200 },
      { share: 0.2, answer: 500 },
    ];
    const { shares } = of({ http: [{ retries, route: [to("reviews", "v1")] }] }, { assume });
    expect(shares.map(({ status, share }) => [status, Math.round(share * 1e6) / 1e6])).toEqual([
      [200, 0.9984],
      [500, 0.0016],
    ]);
  });

  it("takes time into account that applications need", () => {
    const assume = [{ share: 0.25 }, { share: 0.75, takes: "1s" }];
    const { shares } = of({ http: [{ timeout: "0.5s", route: [to("reviews", "v1")] }] }, { assume });
    expect(shares.map(({ status, share }) => [status, share])).toEqual([
      [200, 0.25],
      [504, 0.75],
    ]);
  });

  it("leaves to faults what they end", () => {
    const fault = { abort: { httpStatus: 418, percentage: { value: 30 } } };
    const assume = [
      { share: 0.5, answer: 200 },
      { share: 0.5, answer: 404 },
    ];
    const { shares } = of({ http: [{ fault, route: [to("reviews", "v1")] }] }, { assume });
    expect(shares.map(({ status, share }) => [status, Math.round(share * 1e6) / 1e6])).toEqual([
      [418, 0.3],
      [200, 0.35],
      [404, 0.35],
    ]);
  });
});
