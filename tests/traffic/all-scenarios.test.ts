import { describe, expect, it } from "vitest";
import { scenarios } from "../../components/traffic/scenarios";
import { Simulator } from "../../components/traffic/simulate";
import { predict } from "../../scripts/lib/traffic/predict";
import { versionsOf } from "../../scripts/lib/traffic/scenario";
import { compareShares } from "../../scripts/lib/traffic/shares";
import { context, objectsOf } from "../components/traffic/scenarios/support";
import { result } from "./support";

const nobody = { answers: [], copies: [], pods: [] };

describe.each(Object.values(scenarios).map((scenario) => [scenario.name, scenario] as const))(
  "%s",
  (name, scenario) => {
    const objects = objectsOf(name);
    const simulator = new Simulator(objects, { closed: true });
    it.each(scenario.runs(context).map((run) => [run.name, run] as const))(
      "predicts %s as it is expected",
      (_, run) => {
        const prediction = predict(simulator, run, versionsOf(objects));
        expect(prediction.shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        if (run.expect.kind !== "shares") return;
        const { tables, holds } = compareShares(run.expect, run.request.path, prediction, nobody, result({}));
        const rows = tables.flatMap((table) => table.rows);
        expect(rows.map(({ what, predicted }) => [what, predicted.toFixed(9)])).toEqual(
          rows.map(({ what, expected }) => [what, expected.toFixed(9)]),
        );
        expect(holds.filter(({ what, ok }) => !ok && what.startsWith("applications see"))).toEqual([]);
      },
    );
  },
);
