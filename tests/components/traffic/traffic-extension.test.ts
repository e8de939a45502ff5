import { describe, expect, it } from "vitest";
import {
  renderTrafficExtension,
  type TrafficExtensionArgs,
} from "../../../components/traffic/traffic-extension";
import { faultsOf } from "./security-faults";

const scope = { kind: "workload", namespace: "shop", labels: { app: "cart" } } as const;
const inlineCode = "function envoy_on_request(handle) end";
const lua: TrafficExtensionArgs = {
  name: "mark",
  scope,
  code: { kind: "lua", inlineCode },
  phase: "AUTHZ",
  priority: 5,
};
const wasm: TrafficExtensionArgs = {
  name: "mark",
  scope,
  code: { kind: "wasm", url: "oci://a.example.com/mark:1" },
};
const spec = { selector: { matchLabels: { app: "cart" } } };

describe("TrafficExtension", () => {
  it("runs Lua from Istio 1.30 on", () => {
    expect(renderTrafficExtension(lua, { version: "1.31.0" })).toEqual({
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "TrafficExtension",
      metadata: { name: "mark", namespace: "shop" },
      spec: { ...spec, phase: "AUTHZ", priority: 5, lua: { inlineCode } },
    });
    expect(faultsOf(() => renderTrafficExtension(lua, { version: "1.29.0" }))).toEqual([
      "code.kind: use an EnvoyFilter",
    ]);
  });

  it("is a WasmPlugin before that", () => {
    expect(renderTrafficExtension(wasm, { version: "1.31.0" }).spec).toEqual({
      ...spec,
      wasm: { url: "oci://a.example.com/mark:1" },
    });
    expect(renderTrafficExtension(wasm, { version: "1.28.0" })).toMatchObject({
      kind: "WasmPlugin",
      spec: { ...spec, url: "oci://a.example.com/mark:1" },
    });
  });

  it.each<[string, TrafficExtensionArgs["code"], string[]]>([
    [
      "code that nothing calls",
      { kind: "lua", inlineCode: "print(1)" },
      ["code.inlineCode: define one: nothing else is called"],
    ],
    [
      "code over 64 KiB",
      { kind: "lua", inlineCode: inlineCode.padEnd(65_537) },
      ["code.inlineCode: shorten it, or make it Wasm"],
    ],
    [
      "a module from nowhere",
      { kind: "wasm", url: "mark.wasm", sha256: "abc" },
      ["code.url: write where it is", "code.sha256: copy it whole"],
    ],
  ])("refuses %s", (_, code, expected) => {
    expect(faultsOf(() => renderTrafficExtension({ ...lua, code }, { version: "1.31.0" }))).toEqual(expected);
  });
});
