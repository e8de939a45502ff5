import { describe, expect, it } from "vitest";
import { mergeDestinations } from "../../../components/traffic/destinations";
import {
  type OutlierDetectionArgs,
  outlierDetection,
  renderOutlierDetection,
} from "../../../components/traffic/outlier-detection";
import {
  context,
  faultsOf,
  given,
  goRule,
  misfits,
  renderedVersions,
  serviceGo,
  versions,
} from "./destinations-support";

const render = (args: OutlierDetectionArgs, endpoints?: number, version = context.version) =>
  renderOutlierDetection(
    { host: serviceGo, ...(endpoints === undefined ? {} : { endpoints }), ...args },
    { version },
  );
const detection = (outlierDetection: object) => [goRule({ trafficPolicy: { outlierDetection } })];
const defaults = {
  consecutive5xxErrors: 5,
  interval: "10s",
  baseEjectionTime: "30s",
  maxEjectionPercent: 10,
};

describe("document 004", () => {
  const args: OutlierDetectionArgs = {
    consecutiveErrors: 3,
    interval: "10s",
    baseEjectionTime: "30s",
    maxEjectionPercent: 10,
  };
  const plan = (more: object = {}) =>
    mergeDestinations(
      [{ host: serviceGo, subsets: versions, policies: [outlierDetection(args)], ...more }],
      context,
    );

  it("puts an endpoint out after 3 errors, by the name that Istio listens to, and says so", () => {
    const { objects, findings } = plan();
    expect(objects).toEqual([
      goRule({
        trafficPolicy: { outlierDetection: { ...defaults, consecutive5xxErrors: 3 } },
        subsets: renderedVersions,
      }),
    ]);
    expect(misfits(objects)).toEqual([]);
    expect(findings).toEqual([
      {
        code: "MP0581",
        severity: "info",
        object: "DestinationRule default/service-go",
        path: "spec.trafficPolicy.outlierDetection.consecutiveErrors",
        message: "consecutiveErrors, which Istio only warns of, is written as consecutive5xxErrors",
        change: "say consecutive5xxErrors; or consecutiveGatewayErrors where 500 shall not count",
      },
    ]);
  });

  it("refuses its 10 % for the two pods that it has", () => {
    expect(faultsOf(() => plan({ endpoints: 2 }))).toEqual([
      {
        path: "outlierDetection.maxEjectionPercent",
        given: '"10 with 2 endpoints"',
        allowed: "50 to 100",
        change: "raise it: not even one endpoint could be put out",
      },
    ]);
  });
});

describe("renderOutlierDetection", () => {
  it("writes out Istio's defaults", () => {
    expect(render({})).toEqual(detection(defaults));
  });

  it("writes everything that Istio has", () => {
    const rules = render({
      consecutive5xxErrors: 0,
      consecutiveGatewayErrors: 7,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 4,
      interval: "5m",
      baseEjectionTime: "15m",
      maxEjectionPercent: 100,
      minHealthPercent: 40,
      outlierDetectionHttpErrorCodes: [429, 503],
    });
    expect(rules).toEqual(
      detection({
        consecutive5xxErrors: 0,
        consecutiveGatewayErrors: 7,
        splitExternalLocalOriginErrors: true,
        consecutiveLocalOriginFailures: 4,
        interval: "300s",
        baseEjectionTime: "900s",
        maxEjectionPercent: 100,
        minHealthPercent: 40,
        outlierDetectionHttpErrorCodes: [429, 503],
      }),
    );
    expect(misfits(rules)).toEqual([]);
  });

  it.each<[OutlierDetectionArgs, readonly string[]]>([
    [{ consecutiveErrors: 3, consecutive5xxErrors: 3 }, ["consecutiveErrors: 3"]],
    [{ consecutiveLocalOriginFailures: 5 }, ["consecutiveLocalOriginFailures: 5"]],
    [{ maxEjectionPercent: 0 }, ["maxEjectionPercent: 0"]],
    [{ maxEjectionPercent: 101 }, ["maxEjectionPercent: 101"]],
    [{ maxEjectionPercent: 33.4 }, ["maxEjectionPercent: 33.4"]],
    [{ minHealthPercent: -1 }, ["minHealthPercent: -1"]],
    [{ interval: "0s" }, ['interval: "0s"']],
    [{ baseEjectionTime: "1" }, ['baseEjectionTime: "1"']],
    [{ consecutive5xxErrors: 0 }, [': "all counters 0"']],
    [{ outlierDetectionHttpErrorCodes: [] }, ["outlierDetectionHttpErrorCodes: []"]],
    [
      { outlierDetectionHttpErrorCodes: [600, 500, 500] },
      ["outlierDetectionHttpErrorCodes[0]: 600", "outlierDetectionHttpErrorCodes[2]: 500"],
    ],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it.each([
    [100, 1, true],
    [99, 1, false],
    [50, 2, true],
    [49, 2, false],
    [34, 3, true],
    [33, 3, false],
    [10, 10, true],
    [10, 9, false],
    [10, 0, true],
  ])("%i percent of %i endpoints: %s", (maxEjectionPercent, endpoints, fine) => {
    expect(faultsOf(() => render({ maxEjectionPercent }, endpoints))).toHaveLength(fine ? 0 : 1);
  });

  it("lets an Envoy before 1.28 do as it does, which puts one endpoint out in any case", () => {
    expect(render({}, 2, "1.19.0")).toEqual([
      {
        ...goRule({ trafficPolicy: { outlierDetection: defaults } }),
        apiVersion: "networking.istio.io/v1beta1",
      },
    ]);
    expect(given(() => render({}, 2, "1.20.0"))).toEqual(['maxEjectionPercent: "10 with 2 endpoints"']);
  });

  it("knows since when failures on the way are counted apart", () => {
    const args = { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3 };
    expect(given(() => render(args, undefined, "1.10.0"))).toEqual(["consecutiveLocalOriginFailures: 3"]);
    expect(given(() => render(args, undefined, "1.11.0"))).toEqual([]);
  });

  it("tells of gateway errors that other errors come before", () => {
    const plan = (args: OutlierDetectionArgs) =>
      mergeDestinations([{ host: serviceGo, policies: [outlierDetection(args)] }], context).findings.map(
        ({ code, path }) => `${code} ${path}`,
      );
    expect(plan({ consecutiveGatewayErrors: 5 })).toEqual([
      "MP0586 spec.trafficPolicy.outlierDetection.consecutiveGatewayErrors",
    ]);
    expect(plan({ consecutiveGatewayErrors: 4 })).toEqual([]);
    expect(plan({ consecutiveGatewayErrors: 9, consecutive5xxErrors: 0 })).toEqual([]);
  });
});
