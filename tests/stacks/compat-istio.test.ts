import { describe, expect, it } from "vitest";
import { istioFindings } from "../../stacks/config/compat-istio";
import { mesh as schema } from "../../stacks/config/mesh-schema";

const find = (config: object, kubernetesVersion = "1.36.4", gatewayApi?: string) => {
  const mesh = schema.parse({ version: "1.31.1", ...config });
  if (mesh === false) throw new Error("no mesh");
  return istioFindings({ kubernetesVersion, mesh, gatewayApi });
};
const verdicts = (config: object, kubernetesVersion?: string, gatewayApi?: string) =>
  find(config, kubernetesVersion, gatewayApi).map(({ verdict, path }) => `${verdict} ${path}`);

describe("istioFindings", () => {
  it.each([
    ["1.31.1", "1.36.4"],
    ["1.31.0-rc.20260827", "1.36.3"],
    ["1.30.5", "1.32.0"],
    ["1.29.7", "1.35.9"],
  ])("has nothing against Istio %s on Kubernetes %s", (version, kubernetes) => {
    expect(find({ version }, kubernetes)).toEqual([]);
  });

  // Lines without security fixes always bring a warning of their own, which is left out here.
  it.each([
    ["1.31.1", "1.37.1", "untested", "Kubernetes 1.32 to 1.36 with Istio 1.31"],
    [
      "1.31.1",
      "1.31.14",
      "impossible",
      "Kubernetes 1.32 to 1.36 with Istio 1.31; it refuses what is below 1.32",
    ],
    ["1.29.7", "1.30.14", "untested", "Kubernetes 1.31 to 1.35 with Istio 1.29"],
    // The source documents' own sets, 001 to 003.
    ["1.7.0", "1.19.0", "untested", "Kubernetes 1.16 to 1.18 with Istio 1.7"],
    ["1.13.2", "1.19.0", "untested", "Kubernetes 1.20 to 1.23 with Istio 1.13"],
    [
      "1.13.2",
      "1.18.20",
      "impossible",
      "Kubernetes 1.20 to 1.23 with Istio 1.13; it refuses what is below 1.19",
    ],
    [
      "1.7.4",
      "1.22.0",
      "impossible",
      "Kubernetes 1.16 to 1.18 with Istio 1.7; it needs webhook configurations of v1beta1, gone in 1.22",
    ],
    [
      "1.13.2",
      "1.25.0",
      "impossible",
      "Kubernetes 1.20 to 1.23 with Istio 1.13; it needs autoscalers of v2beta1 and disruption budgets of v1beta1, gone in 1.25",
    ],
  ])("of Istio %s on Kubernetes %s: %s", (version, kubernetes, verdict, allowed) => {
    const [first] = find({ version }, kubernetes);
    expect([first?.verdict, first?.given, first?.allowed]).toEqual([
      verdict,
      `${version} on Kubernetes ${kubernetes}`,
      allowed,
    ]);
  });

  it.each([
    ["1.10.0", "1.20.7"],
    ["1.7.4", "1.18.20"],
  ])("warns of nothing but old age for the set of Istio %s on %s", (version, kubernetes) => {
    expect(find({ version }, kubernetes).map(({ verdict, allowed }) => [verdict, allowed])).toEqual([
      ["untested", "1.31, 1.30, 1.29, which still get security fixes"],
    ]);
  });

  it("warns of patches with known holes", () => {
    expect(find({ version: "1.30.3" }).map(({ allowed }) => allowed)).toEqual([
      "1.30.4 or later; before it there are known holes",
    ]);
  });

  it("does not know what is newer or much older than its table", () => {
    expect(verdicts({ version: "1.32.0" })).toEqual(["untested mesh.version"]);
    expect(verdicts({ version: "1.6.8" })).toEqual(["impossible mesh.version"]);
  });

  it("warns where the Gateway API is newer than Istio knows", () => {
    expect(verdicts({}, "1.36.4", "1.6.0")).toEqual([]);
    expect(verdicts({ version: "1.29.7" }, "1.35.0", "1.6.0")).toEqual(["untested mesh.version"]);
  });

  it("looks at each control plane, and says where its version stands", () => {
    expect(
      verdicts({ version: "1.31.1", revisions: [{ name: "a" }, { name: "b", version: "1.30.3" }] }),
    ).toEqual(["untested mesh.revisions[1].version"]);
  });

  const old = { version: "1.10.0" };
  it.each<[string, object, string, string]>([
    ["charts before there were any", { ...old, install: "charts" }, "1.20.7", "impossible mesh.install"],
    ["istioctl where charts say more", { install: "istioctl" }, "1.36.4", "impossible mesh.install"],
    ["revisions by istioctl", { ...old, revisions: [{ name: "a" }] }, "1.20.7", "impossible mesh.revisions"],
    [
      "ports of hosts by istioctl",
      { ...old, gateways: [{ name: "edge", expose: { kind: "hostNetwork" } }] },
      "1.20.7",
      "impossible mesh.gateways",
    ],
    ["ambient before 1.18", { version: "1.17.8", ambient: true }, "1.25.0", "impossible mesh.ambient"],
    ["ambient before it was stable", { version: "1.22.8", ambient: true }, "1.30.0", "untested mesh.ambient"],
    [
      "OTLP before 1.16",
      { version: "1.15.7", tracing: { provider: "opentelemetry" } },
      "1.24.0",
      "impossible mesh.tracing.provider",
    ],
    [
      "two tags on one control plane before 1.17",
      { version: "1.16.7", revisions: [{ name: "a" }], tags: { stable: "a" } },
      "1.25.0",
      "impossible mesh.tags",
    ],
    [
      "two control planes of a name",
      { revisions: [{ name: "a" }, { name: "a" }] },
      "1.36.4",
      "impossible mesh.revisions[1].name",
    ],
    [
      "a tag of nothing",
      { revisions: [{ name: "a" }], tags: { x: "b" } },
      "1.36.4",
      "impossible mesh.tags.x",
    ],
    [
      "a second owner of the default tag",
      { revisions: [{ name: "" }, { name: "a" }], tags: { default: "a" } },
      "1.36.4",
      "impossible mesh.tags.default",
    ],
    [
      "a gateway of no control plane",
      { gateways: [{ name: "edge", revision: "b" }] },
      "1.36.4",
      "impossible mesh.gateways[0].revision",
    ],
  ])("objects to %s", (_what, config, kubernetes, expected) => {
    expect(verdicts(config, kubernetes)).toContain(expected);
  });
});
