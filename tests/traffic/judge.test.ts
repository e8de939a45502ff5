import { describe, expect, it } from "vitest";
import type {
  ShapeExpectation,
  SharesExpectation,
  StickyExpectation,
} from "../../components/traffic/scenarios";
import { shapeHolds, shapeRows } from "../../scripts/lib/traffic/shape";
import { compareShares } from "../../scripts/lib/traffic/shares";
import { stickyHolds, stickyRow } from "../../scripts/lib/traffic/sticky";
import { result, reviews } from "./support";

const v1 = { service: reviews, version: "v1" };
const v2 = { service: reviews, version: "v2" };
const simulated = (...shares: { to?: typeof v1; status: number; share: number; delayMs?: number }[]) => ({
  shares: shares.map((share) => ({ delayMs: 0, ...share })),
  copies: [],
  paths: ["/reviews/0"],
  explained: "",
  open: [],
});
const split: SharesExpectation = {
  kind: "shares",
  shares: [
    { to: v1, status: 200, share: 0.8 },
    { to: v2, status: 200, share: 0.2 },
  ],
};
const seen = (...answers: { to?: typeof v1; status: number; count: number }[]) => ({
  answers,
  copies: [],
  pods: [],
});
const as8020 = simulated({ to: v1, status: 200, share: 0.8 }, { to: v2, status: 200, share: 0.2 });
const path = "/reviews/0";

describe("compareShares", () => {
  it("lays expectation, prediction and what was counted side by side", () => {
    const observed = seen({ to: v1, status: 200, count: 788 }, { to: v2, status: 200, count: 212 });
    const { tables, holds } = compareShares(split, path, as8020, observed, result({ 200: 1000 }));
    const [table] = tables;
    expect(tables).toHaveLength(1);
    expect(table?.rows.map(({ interval: _, ...row }) => row)).toEqual([
      {
        what: "reviews.bookinfo v1 200",
        ...{ to: v1, status: 200, expected: 0.8, predicted: 0.8, count: 788, of: 1000 },
        ...{ expectedInside: true, predictedInside: true },
      },
      {
        what: "reviews.bookinfo v2 200",
        ...{ to: v2, status: 200, expected: 0.2, predicted: 0.2, count: 212, of: 1000 },
        ...{ expectedInside: true, predictedInside: true },
      },
    ]);
    expect(table?.rows[0]?.interval.low).toBeCloseTo(0.7495, 3);
    expect(table?.rows[0]?.interval.high).toBeCloseTo(0.822, 3);
    expect(holds).toEqual([
      { what: "applications see the path /reviews/0", ok: true, found: "the simulator says /reviews/0" },
    ]);
  });

  it("tells the expectation's error from the simulator's", () => {
    const observed = seen({ to: v1, status: 200, count: 500 }, { to: v2, status: 200, count: 500 });
    const halves = simulated({ to: v1, status: 200, share: 0.5 }, { to: v2, status: 200, share: 0.5 });
    const verdicts = (prediction: typeof as8020) =>
      compareShares(split, path, prediction, observed, result({ 200: 1000 })).tables[0]?.rows.map((row) => [
        row.expectedInside,
        row.predictedInside,
      ]);
    expect(verdicts(halves)).toEqual([
      [false, true],
      [false, true],
    ]);
    expect(verdicts(as8020)).toEqual([
      [false, false],
      [false, false],
    ]);
  });

  it("gives what nobody has spoken of a row of its own, which is outside", () => {
    const observed = seen(
      { to: v1, status: 200, count: 800 },
      { to: v2, status: 200, count: 197 },
      { to: v2, status: 503, count: 3 },
    );
    const { tables } = compareShares(split, path, as8020, observed, result({ 200: 997, 503: 3 }));
    expect(tables[0]?.rows.map(({ what, count, expectedInside }) => [what, count, expectedInside])).toEqual([
      ["reviews.bookinfo v1 200", 800, true],
      ["reviews.bookinfo v2 200", 197, true],
      ["reviews.bookinfo v2 503", 3, false],
    ]);
  });

  it("takes a status of which nobody expects a destination as a whole, and any version where none is named", () => {
    const expectation: SharesExpectation = {
      kind: "shares",
      shares: [
        { status: 504, share: 0.5 },
        { to: { service: reviews }, status: 200, share: 0.5 },
      ],
    };
    const prediction = simulated({ to: v2, status: 504, share: 0.5 }, { to: v1, status: 200, share: 0.5 });
    const observed = seen(
      { to: v1, status: 504, count: 30 },
      { status: 504, count: 20 },
      { to: v1, status: 200, count: 50 },
    );
    const { tables } = compareShares(expectation, path, prediction, observed, result({ 200: 50, 504: 50 }));
    expect(tables[0]?.rows.map(({ what, predicted, count }) => [what, predicted, count])).toEqual([
      ["answered by a proxy 504", 0.5, 50],
      ["reviews.bookinfo 200", 0.5, 50],
    ]);
  });

  it("looks at copies, delays and tries apart from the answers", () => {
    const expectation: SharesExpectation = {
      kind: "shares",
      shares: [
        { to: v1, status: 200, share: 0.3, delayMs: 1, tries: 2 },
        { to: v1, status: 200, share: 0.7 },
      ],
      copies: [{ to: v2, share: 1 }],
      path: "/other",
    };
    const observed = {
      answers: [{ to: v1, status: 200, count: 1000 }],
      copies: [{ to: v2, count: 1000 }],
      pods: [{ service: reviews, count: 600 }],
    };
    const prediction = {
      ...simulated({ to: v1, status: 200, share: 0.3, delayMs: 1 }, { to: v1, status: 200, share: 0.7 }),
      copies: [{ to: v2, share: 1 }],
    };
    const { tables, holds } = compareShares(expectation, path, prediction, observed, result({ 200: 1000 }));
    expect(
      tables.map(({ title, rows }) => [
        title,
        ...rows.map(({ what, expected, count }) => `${what} ${expected} ${count}`),
      ]),
    ).toEqual([
      ["answers", "reviews.bookinfo v1 200 1 1000"],
      ["copies", "copy to reviews.bookinfo v2 1 1000"],
      ["held back", "held back 1 ms or more 0.3 1000"],
    ]);
    expect(holds).toEqual([
      { what: "applications see the path /other", ok: false, found: "the simulator says /reviews/0" },
      { what: "each request comes to reviews.bookinfo 2 times: 600", ok: true, found: "600" },
    ]);
  });
});

describe("a table", () => {
  const expectation: ShapeExpectation = {
    kind: "shape",
    service: reviews,
    status: 503,
    statuses: [200, 503],
    document: [undefined, { 200: 64, 503: 36 }],
    holds: [
      { kind: "rises" },
      { kind: "some", row: 1 },
      { kind: "between", row: 0, min: 0, max: 5 },
      { kind: "counter", counter: "upstream_rq_pending_overflow", min: 1 },
    ],
  };
  const loads = [10, 30].map((connections) => ({ requests: 100, connections }));
  const rowsOf = (...counts: number[]) =>
    shapeRows(
      expectation,
      loads,
      counts.map((count) => result({ 200: 100 - count, 503: count })),
    );

  it("has the share of its status with an interval, and the document's figures beside it", () => {
    const [first, second] = rowsOf(2, 52);
    expect([first?.share, first?.document, second?.share, second?.document]).toEqual([
      0.02,
      undefined,
      0.52,
      { 200: 64, 503: 36 },
    ]);
    expect(second?.interval.low).toBeCloseTo(0.3831, 3);
  });

  it("says what holds", () => {
    expect(shapeHolds(expectation, rowsOf(2, 52), () => 217)).toEqual([
      {
        what: "the share of 503 does not fall from row to row (by more than 2 %)",
        ok: true,
        found: "2 %, 52 %",
      },
      { what: "row 2 has some 503", ok: true, found: "52 %" },
      { what: "row 1 has 0 to 5 % of 503", ok: true, found: "2 %" },
      { what: "the proxy's upstream_rq_pending_overflow rises by 1 or more", ok: true, found: "217" },
      { what: "only 200, 503 occur", ok: true, found: "200, 503" },
    ]);
  });

  it("says what does not", () => {
    expect(shapeHolds(expectation, rowsOf(7, 0), () => 0).map(({ ok, found }) => [ok, found])).toEqual([
      [false, "7 %, 0 %; row 2 falls"],
      [false, "0 %"],
      [false, "7 %"],
      [false, "0"],
      [true, "200, 503"],
    ]);
    const strange = shapeRows(expectation, loads, [result({ 200: 99, 404: 1 })]);
    expect(shapeHolds(expectation, strange, () => 1).at(-1)).toEqual({
      what: "only 200, 503 occur",
      ok: false,
      found: "200, 404",
    });
  });
});

describe("what sticks", () => {
  const expectation: StickyExpectation = {
    kind: "sticky",
    header: "x-user",
    values: ["1"],
    service: reviews,
  };
  const pod = (name: string, count: number, service = reviews) => ({
    service,
    pod: name,
    version: "v1",
    count,
  });
  it("meets one pod with the header, and several without", () => {
    const rows = [
      stickyRow(expectation, "1", [pod("a", 50), pod("c", 9, "ratings.bookinfo")]),
      stickyRow(expectation, "2", [pod("a", 30), pod("b", 20)]),
      stickyRow(expectation, undefined, [pod("a", 30), pod("b", 20)]),
      stickyRow(expectation, undefined, [pod("a", 50)]),
    ];
    expect(rows.map(({ ok }) => ok)).toEqual([true, false, true, false]);
    expect(stickyHolds(expectation, rows.slice(0, 3))).toEqual([
      { what: "x-user: 1 meets one pod of reviews.bookinfo", ok: true, found: "a 50" },
      { what: "x-user: 2 meets one pod of reviews.bookinfo", ok: false, found: "a 30, b 20" },
      {
        what: "without x-user requests meet several pods of reviews.bookinfo",
        ok: true,
        found: "a 30, b 20",
      },
    ]);
  });
});
