import { describe, expect, it } from "vitest";
import { mergeDestinations } from "../../../components/traffic/destinations";
import { loadBalancing } from "../../../components/traffic/load-balancing";
import { renderWarmup, type WarmupArgs, warmup } from "../../../components/traffic/warmup";
import { context, given, goRule, misfits, serviceGo } from "./destinations-support";

const render = (args: WarmupArgs, version = context.version) =>
  renderWarmup({ host: serviceGo, ...args }, { version });

describe("renderWarmup", () => {
  it("says how long, from what share, how fast", () => {
    const rules = render({ duration: "1m30s", minimumPercent: 20, aggression: 1.5 });
    expect(rules).toEqual([
      goRule({
        trafficPolicy: {
          loadBalancer: { warmup: { duration: "90s", minimumPercent: 20, aggression: 1.5 } },
        },
      }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it("is written as older versions know it", () => {
    expect(render({ duration: "30s" }, "1.23.4")).toEqual([
      goRule({ trafficPolicy: { loadBalancer: { warmupDurationSecs: "30s" } } }),
    ]);
  });

  it.each<[WarmupArgs, string, readonly string[]]>([
    [{ duration: "0s" }, "1.31.0", ['duration: "0s"']],
    [
      { duration: "30s", minimumPercent: 101, aggression: 0 },
      "1.31.0",
      ["minimumPercent: 101", "aggression: 0"],
    ],
    [{ duration: "30s", aggression: -1 }, "1.31.0", ["aggression: -1"]],
    [
      { duration: "30s", minimumPercent: 20, aggression: 2 },
      "1.23.0",
      ["minimumPercent: 20", "aggression: 2"],
    ],
    [{ duration: "30s" }, "1.13.0", [': "30s"']],
  ])("refuses %j for Istio %s", (args, version, faults) => {
    expect(given(() => render(args, version))).toEqual(faults);
  });

  it("goes together with an algorithm of another wish, if that can warm up", () => {
    const plan = (simple: "ROUND_ROBIN" | "RANDOM") =>
      mergeDestinations(
        [{ host: serviceGo, policies: [warmup({ duration: "30s" }), loadBalancing({ simple })] }],
        context,
      );
    expect(plan("ROUND_ROBIN").objects).toEqual([
      goRule({ trafficPolicy: { loadBalancer: { warmup: { duration: "30s" }, simple: "ROUND_ROBIN" } } }),
    ]);
    expect(given(() => plan("RANDOM"))).toEqual(['loadBalancer.warmup: "with RANDOM"']);
  });
});
