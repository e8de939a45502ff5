import { describe, expect, it } from "vitest";
import { istioApi, ofMinor } from "../../../components/mesh/api-versions";
import {
  allTags,
  controlPlaneFor,
  defaultRevision,
  injectionLabels,
  tagsOf,
} from "../../../components/mesh/revisions";

const plane = (revision: string, version = "1.30.5") => ({ revision, version });
const named = {
  controlPlanes: [plane("blue"), plane("green", "1.31.1")],
  tags: { canary: "green" },
} as const;
const unnamed = { controlPlanes: [plane("")], tags: {} } as const;

describe("tags", () => {
  it("give the first named control plane the default one, where nobody has it", () => {
    expect(allTags(named)).toEqual({ default: "blue", canary: "green" });
    expect(allTags({ ...named, tags: { default: "green" } })).toEqual({ default: "green" });
    expect(allTags(unnamed)).toEqual({});
  });

  it("are sorted for each control plane", () => {
    expect(tagsOf({ ...named, tags: { z: "blue", a: "blue" } }, "blue")).toEqual(["a", "default", "z"]);
    expect(tagsOf(named, "green")).toEqual(["canary"]);
  });
});

describe("controlPlaneFor", () => {
  it("finds by revision, by tag, and the default one without a name", () => {
    expect(controlPlaneFor(named, "green")).toEqual(plane("green", "1.31.1"));
    expect(controlPlaneFor(named, "canary")).toEqual(plane("green", "1.31.1"));
    expect(controlPlaneFor(named, "")).toEqual(plane("blue"));
    expect(controlPlaneFor(unnamed, "")).toEqual(plane(""));
    expect(defaultRevision(named)).toBe("blue");
  });

  it("says which there are", () => {
    expect(() => controlPlaneFor(named, "red")).toThrow(
      "no control plane red; allowed: blue, green, default, canary; change the revision or add it to mesh.revisions",
    );
  });
});

describe("injectionLabels", () => {
  it("choose by the label that every version knows, or by revision and tag", () => {
    expect(injectionLabels()).toEqual({ "istio-injection": "enabled" });
    expect(injectionLabels("canary")).toEqual({ "istio.io/rev": "canary" });
  });
});

describe("istioApi", () => {
  it.each([
    ["1.7.4", "v1beta1", "v1beta1", "v1beta1", undefined],
    ["1.17.0", "v1beta1", "v1beta1", "v1", "telemetry.istio.io/v1alpha1"],
    ["1.22.0", "v1", "v1", "v1", "telemetry.istio.io/v1"],
    ["1.22.0-rc.1", "v1", "v1", "v1", "telemetry.istio.io/v1"],
  ])("of %s", (version, networking, security, authorization, telemetry) => {
    expect(istioApi(version)).toEqual({
      networking: `networking.istio.io/${networking}`,
      security: `security.istio.io/${security}`,
      authorization: `security.istio.io/${authorization}`,
      telemetry,
      envoyFilter: "networking.istio.io/v1alpha3",
    });
  });

  it("counts a version before its release to its minor", () => {
    expect(ofMinor("1.31.0-rc.20260827", "1.31")).toBe(true);
    expect(ofMinor("1.30.9", "1.31")).toBe(false);
  });
});
