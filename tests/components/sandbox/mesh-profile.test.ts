import { expect, it } from "vitest";
import { meshProfile, meshProfileValues } from "../../../components/sandbox/mesh-profile";

it("gives each chart its values, nested", () => {
  expect(meshProfileValues("istiod")).toEqual({
    telemetry: { enabled: false },
    pilot: { env: { PILOT_ENABLE_METADATA_EXCHANGE: "false", PILOT_ENABLE_ALPN_FILTER: "false" } },
    meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [".*"] } } },
    global: {
      imagePullPolicy: "IfNotPresent",
      proxy: { resources: { requests: { cpu: "10m", memory: "40Mi" } } },
    },
    autoscaleEnabled: false,
    resources: { requests: { cpu: "50m", memory: "128Mi" } },
  });
  expect(meshProfileValues("cni")).toEqual({ global: { imagePullPolicy: "IfNotPresent" } });
});

it("gives variables of the environment as text, as a Deployment takes them", () => {
  const variables = meshProfile.filter(({ path }) => path.includes("env")).map(({ value }) => typeof value);
  expect(new Set(variables)).toEqual(new Set(["string"]));
});

it("tells a reason for each", () => {
  expect(meshProfile.filter(({ reason }) => reason.length < 10)).toEqual([]);
});
