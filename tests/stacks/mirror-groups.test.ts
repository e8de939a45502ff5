import { describe, expect, it } from "vitest";
import { parseConfig } from "../../stacks/config/load";
import { mirrorGroups } from "../../stacks/mirror-groups";

const groups = (raw: object) => mirrorGroups(parseConfig({ hosts: { kind: "sandbox" }, ...raw }));

describe("what the sandbox's mirror is filled with", () => {
  it.each<[string, object, string[]]>([
    ["a bare cluster", {}, []],
    ["a mesh", { mesh: {} }, ["mesh"]],
    ["Prometheus", { mesh: {}, addons: { prometheus: {} } }, ["mesh", "addons"]],
    [
      "Jaeger alone, without what takes as long again",
      { mesh: {}, addons: { jaeger: {} } },
      ["mesh", "tracing"],
    ],
    ["settings of add-ons that are no program", { mesh: {}, addons: { namespace: "watch" } }, ["mesh"]],
    ["the book shop", { mesh: {}, apps: { bookinfo: {} } }, ["mesh", "apps"]],
    [
      "the edge, which is nginx",
      { mesh: {}, gateways: { edge: { servers: [{ name: "a", hosts: ["a"] }] } } },
      ["mesh", "addons"],
    ],
  ])("follows from the stack: %s", (_what, raw, expected) => {
    expect(groups(raw)).toEqual(expected);
  });
});
