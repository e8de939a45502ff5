import { describe, expect, it } from "vitest";
import { checked, type Place, TrafficFault } from "../../../components/traffic/faults";
import * as values from "../../../components/traffic/values";

/** What a check returns, and what it finds wrong. */
function tried<T>(check: (at: Place) => T): { value?: T; change?: string } {
  try {
    return { value: checked("test", check) };
  } catch (error) {
    if (error instanceof TrafficFault) return { change: error.faults.map(({ change }) => change).join("; ") };
    throw error;
  }
}

const accepts = (check: (at: Place) => unknown) => tried(check).change === undefined;

describe("duration", () => {
  it.each([
    ["2s", "2s"],
    ["500ms", "500ms"],
    ["0.5s", "500ms"],
    ["1h30m", "5400s"],
    ["1m", "60s"],
    ["1500ms", "1500ms"],
    ["0.1s", "100ms"],
  ])("writes %s as %s", (text, expected) => {
    expect(tried((at) => values.duration(text, at))).toEqual({ value: expected });
  });

  it.each(["", "2", "2 s", "s", "-1s", "1d", "2S", "1s500"])("refuses %j", (text) => {
    expect(tried((at) => values.duration(text, at)).change).toBe('write it like "2s" or "500ms"');
  });

  it.each([
    ["0s", {}, "raise it"],
    ["0.5ms", {}, "raise it"],
    ["1.5ms", {}, "round it"],
    ["2h", { max: "1h" }, "lower it"],
    ["1500ms", { step: "1s" }, "round it"],
  ] as const)("refuses %s within %j", (text, limits, change) => {
    expect(tried((at) => values.duration(text, at, limits)).change).toBe(change);
  });
});

describe("percent", () => {
  it.each([0, 0.0001, 0.29, 33.3333, 100])("takes %d", (value) => {
    expect(tried((at) => values.percent(value, at))).toEqual({ value });
  });

  it.each([-1, 100.5, 0.00001, 12.34567, Number.NaN])("refuses %d", (value) => {
    expect(accepts((at) => values.percent(value, at))).toBe(false);
  });

  it("takes whole numbers alone where Istio keeps them so", () => {
    expect(accepts((at) => values.percent(50, at, { whole: true }))).toBe(true);
    expect(accepts((at) => values.percent(0.5, at, { whole: true }))).toBe(false);
  });
});

describe("weightSum", () => {
  it.each([
    [[50, 50], {}, true],
    [[100], {}, true],
    [[90, 5], {}, false],
    [[1, 2], { relative: true }, true],
    [[0, 0], { relative: true }, false],
    [[150, -50], {}, false],
    [[33.3, 66.7], {}, false],
  ] as const)("of %j with %j: %s", (weights, options, good) => {
    expect(accepts((at) => values.weightSum(weights, at, options))).toBe(good);
  });
});

describe("host", () => {
  it.each(["reviews", "a.b.svc.cluster.local", "*", "*.example.com", "*-x.example.com", "example.com."])(
    "takes %s",
    (text) => {
      expect(accepts((at) => values.host(text, at))).toBe(true);
    },
  );

  it.each(["", "a..b", "-a", "a_b", "a.*.b", "1.2.3.4", `${"a".repeat(64)}.com`])("refuses %j", (text) => {
    expect(accepts((at) => values.host(text, at))).toBe(false);
  });

  it("keeps to what is possible at its place", () => {
    expect(accepts((at) => values.host("*.example.com", at, { wildcard: false }))).toBe(false);
    expect(accepts((at) => values.host("reviews", at, { short: false }))).toBe(false);
  });
});

describe("headers", () => {
  it.each([
    ["end-user", "match", true],
    [":authority", "match", true],
    [":status-code", "match", false],
    ["@request.auth.claims.groups", "match", true],
    ["@request.auth.claims[a.b][c]", "match", true],
    ["@request.auth.claims", "match", false],
    ["a b", "match", false],
    ["", "match", false],
    [":authority", "request", true],
    [":path", "request", false],
    ["host", "response", false],
    ["*", "cors", true],
    ["*", "response", true],
  ] as const)("name %j to %s: %s", (name, use, good) => {
    expect(accepts((at) => values.headerName(name, at, use))).toBe(good);
  });

  it.each([
    ["plain", true],
    ["100%%", true],
    ["%REQ(x-id)%", true],
    ["a %DOWNSTREAM_REMOTE_ADDRESS% b", true],
    ["%START_TIME(%Y-%m-%d)%", true],
    ["abc%123", false],
    ["%START_TIME%%", false],
    ["a\nb", false],
    ["tab\tis fine", true],
  ])("value %j: %s", (value, good) => {
    expect(accepts((at) => values.headerValue(value, at))).toBe(good);
  });
});

describe("other values", () => {
  it("know their ranges", () => {
    expect(accepts((at) => values.port(65_535, at))).toBe(true);
    expect(accepts((at) => values.port(0, at))).toBe(false);
    expect(accepts((at) => values.port(80.5, at))).toBe(false);
    expect(accepts((at) => values.statusCode(599, at))).toBe(true);
    expect(accepts((at) => values.statusCode(199, at))).toBe(false);
    expect(accepts((at) => values.oneOf<string>("a", ["b"], at))).toBe(false);
    expect(accepts((at) => values.cidr("10.0.0.0/8", at))).toBe(true);
    expect(accepts((at) => values.cidr("10.0.0.0/33", at))).toBe(false);
    expect(accepts((at) => values.cidr("::/0", at))).toBe(true);
    expect(accepts((at) => values.labelMap({ "app.kubernetes.io/name": "a", b: "" }, at))).toBe(true);
    expect(accepts((at) => values.labelMap({ "-a": "b" }, at))).toBe(false);
    expect(accepts((at) => values.labelMap({}, at))).toBe(false);
  });
});

describe("checked", () => {
  it("throws all faults at once, each with its place", () => {
    const render = () =>
      checked("Timeout reviews", (at) => {
        values.duration("soon", at.in("timeout"));
        values.port(0, at.in("targets", 1, "port"));
      });
    expect(render).toThrow(TrafficFault);
    expect(render).toThrow(`Timeout reviews has 2 faults; nothing was declared.

  timeout
    given:   "soon"
    allowed: a number with its unit: h, m, s or ms
    change:  write it like "2s" or "500ms"

  targets[1].port
    given:   0
    allowed: 1 to 65535
    change:  write one of these
`);
  });
});
