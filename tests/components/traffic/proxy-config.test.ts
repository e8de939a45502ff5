import { describe, expect, it } from "vitest";
import { type ProxyConfigArgs, renderProxyConfig } from "../../../components/traffic/proxy-config";
import { context, given, misfits } from "./destinations-support";

const render = (args: Omit<ProxyConfigArgs, "name" | "scope">, version = context.version) =>
  renderProxyConfig(
    { name: "cart", scope: { kind: "workload", namespace: "shop", labels: { app: "cart" } }, ...args },
    { version },
  );

describe("renderProxyConfig", () => {
  it("says how the proxies of some pods run", () => {
    const rules = render({
      concurrency: 0,
      environmentVariables: { ISTIO_META_DNS_CAPTURE: "true" },
      imageType: "distroless",
    });
    expect(rules).toEqual([
      {
        apiVersion: "networking.istio.io/v1beta1",
        kind: "ProxyConfig",
        metadata: { name: "cart", namespace: "shop" },
        spec: {
          selector: { matchLabels: { app: "cart" } },
          concurrency: 0,
          environmentVariables: { ISTIO_META_DNS_CAPTURE: "true" },
          image: { imageType: "distroless" },
        },
      },
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it("is for the mesh in its root namespace", () => {
    const rules = renderProxyConfig({ name: "default", scope: { kind: "mesh" }, concurrency: 2 }, context);
    expect(rules.map(({ metadata, spec }) => [metadata.namespace, spec])).toEqual([
      ["istio-system", { concurrency: 2 }],
    ]);
  });

  it.each<[Omit<ProxyConfigArgs, "name" | "scope">, string, readonly string[]]>([
    [{}, "1.31.0", [": {}"]],
    [{ concurrency: -1 }, "1.31.0", ["concurrency: -1"]],
    [{ imageType: "small" as "debug" }, "1.31.0", ['imageType: "small"']],
    [{ environmentVariables: { "A B": "c" } }, "1.31.0", ['environmentVariables.A B: "A B"']],
    [{ concurrency: 1 }, "1.12.0", ['name: "Istio 1.12.0"']],
  ])("refuses %j for Istio %s", (args, version, faults) => {
    expect(given(() => render(args, version))).toEqual(faults);
  });
});
