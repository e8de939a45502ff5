import type { Load, ShapeExpectation, ShapeProperty } from "../../../components/traffic/scenarios";
import type { FortioResult } from "./fortio";
import { wilson } from "./interval";
import { type Held, type ShapeRow, showShare, showStatus } from "./table";

/** The rows of a table, each with its interval. */
export function shapeRows(
  { status, document }: ShapeExpectation,
  loads: readonly Load[],
  results: readonly FortioResult[],
): ShapeRow[] {
  return results.flatMap((result, at): ShapeRow[] => {
    const load = loads[at];
    if (load === undefined) return [];
    const count = result.statuses[status] ?? 0;
    const of = result.requests;
    const figures = document[at];
    return [
      {
        load,
        statuses: result.statuses,
        of,
        share: of === 0 ? 0 : count / of,
        interval: wilson(count, of, results.length),
        ...(figures === undefined ? {} : { document: figures }),
      },
    ];
  });
}

const SLACK = 2;

function held(
  property: ShapeProperty,
  rows: readonly ShapeRow[],
  status: number,
  counter: (name: string) => number,
): Held {
  const shown = showStatus(status);
  const share = (row: number) => rows[row]?.share ?? 0;
  switch (property.kind) {
    case "rises": {
      const slack = (property.slack ?? SLACK) / 100;
      const falls = rows.flatMap((row, at) => {
        const before = rows[at - 1]?.share ?? 0;
        return row.share < before - slack ? [`row ${at + 1} falls`] : [];
      });
      const found = rows.map((row) => showShare(row.share)).join(", ");
      return {
        what: `the share of ${shown} does not fall from row to row (by more than ${slack * 100} %)`,
        ok: falls.length === 0,
        found: [found, ...falls].join("; "),
      };
    }
    case "some":
      return {
        what: `row ${property.row + 1} has some ${shown}`,
        ok: share(property.row) > 0,
        found: showShare(share(property.row)),
      };
    case "between": {
      const percent = share(property.row) * 100;
      return {
        what: `row ${property.row + 1} has ${property.min} to ${property.max} % of ${shown}`,
        ok: percent >= property.min && percent <= property.max,
        found: showShare(share(property.row)),
      };
    }
    case "counter": {
      const found = counter(property.counter);
      return {
        what: `the proxy's ${property.counter} rises by ${property.min} or more`,
        ok: found >= property.min,
        found: String(found),
      };
    }
  }
}

/** What has to hold of the rows, and whether it does. */
export function shapeHolds(
  expectation: ShapeExpectation,
  rows: readonly ShapeRow[],
  counter: (name: string) => number,
): Held[] {
  const { status, statuses, holds } = expectation;
  const seen = new Set(
    rows.flatMap((row) => Object.entries(row.statuses).flatMap(([code, n]) => (n > 0 ? [Number(code)] : []))),
  );
  const strange = [...seen].filter((code) => !statuses.includes(code));
  return [
    ...holds.map((property) => held(property, rows, status, counter)),
    {
      what: `only ${statuses.map(showStatus).join(", ")} occur`,
      ok: strange.length === 0,
      found: [...seen].map(showStatus).join(", ") || "nothing",
    },
  ];
}
