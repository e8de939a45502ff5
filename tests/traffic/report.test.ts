import { describe, expect, it } from "vitest";
import { wilson } from "../../scripts/lib/traffic/interval";
import { bars } from "../../scripts/lib/traffic/report/bars";
import { axisOf, curve } from "../../scripts/lib/traffic/report/curve";
import { histogram, showMs } from "../../scripts/lib/traffic/report/histogram";
import { renderReport } from "../../scripts/lib/traffic/report/page";
import { element, escapeText, picture, shortened, statusClass } from "../../scripts/lib/traffic/report/svg";
import { topology } from "../../scripts/lib/traffic/report/topology";
import { leavesOf } from "../../scripts/lib/traffic/report/tree";
import type { ScenarioReport } from "../../scripts/lib/traffic/scenario";
import { type RunReport, type ShapeRow, type ShareRow, showShare } from "../../scripts/lib/traffic/table";
import { renderJson, renderText } from "../../scripts/lib/traffic/text";
import { result, reviews, runOf } from "./support";

const row = (version: string, share: number, count: number, status = 200): ShareRow => ({
  what: `${reviews} ${version} ${status}`,
  ...{ to: { service: reviews, version }, status, expected: share, predicted: share, count, of: 1000 },
  interval: wilson(count, 1000, 2),
  ...{ expectedInside: true, predictedInside: true },
});
const rows = [row("v1", 0.8, 788), row("v2", 0.2, 212)];
const run = (more: Partial<RunReport> = {}): RunReport => ({
  ...{
    run: runOf(),
    ok: true,
    tables: [{ title: "answers", rows }],
    holds: [],
    pods: [],
    problems: [],
    open: [],
  },
  ...{ results: [result({ 200: 1000 })], source: "envoy", explained: "source  <fortio>" },
  ...more,
});
const shapeRow = (connections: number, share: number, document?: number, qps?: number): ShapeRow => ({
  load: { requests: 100, connections, ...(qps === undefined ? {} : { qps }) },
  ...{ statuses: { 503: share * 100 }, of: 100, share, interval: { low: share / 2, high: share } },
  ...(document === undefined ? {} : { document: { 503: document } }),
});
const report = (runs: RunReport[]): ScenarioReport => ({
  ...{ name: "reviews-split", title: "reviews: 80 % & 20 %", source: "document 003", shows: "weights" },
  ...{
    stack: "dev",
    runs,
    ok: runs.every(({ ok }) => ok),
    at: new Date("2026-01-02T03:04:05Z"),
    file: "x.html",
  },
  objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { text: "<b>" } }],
});

describe("pieces", () => {
  it("are escaped and rounded", () => {
    expect(element("rect", { x: 1 / 3, class: undefined, id: 'a"<' })).toBe(
      '<rect x="0.33" id="a&quot;&lt;"/>',
    );
    expect(escapeText("<a> & b")).toBe("&lt;a&gt; &amp; b");
    expect(picture(10, 5, "nothing")).toBe('<svg viewBox="0 0 10 5" role="img" aria-label="nothing"/>');
    expect(shortened("service-go-v1-77f9d8c5b-x2", 13)).toBe("servic…c5b-x2");
    expect([204, 302, 404, 503, -1, undefined].map(statusClass)).toEqual([
      "good",
      "good",
      "warn",
      "bad",
      "none",
      "none",
    ]);
    expect([0.35, 7.3, 120.4, 2500].map(showMs)).toEqual(["350 µs", "7.3 ms", "120 ms", "2.5 s"]);
    expect([0, 0.8, 0.9984, 1 / 3, 0.0004].map((share) => showShare(share))).toEqual([
      ...["0 %", "80 %", "99.8 %", "33.3 %", "0.04 %"],
    ]);
  });
});

describe("bars", () => {
  it("stand where the shares are", () => {
    const drawn = bars({ title: "answers", rows: [row("v1", 0.5, 500)] });
    expect(drawn).toContain('<rect x="230" y="30" width="280" height="18" rx="3" class="bar good"/>');
    expect(drawn).toContain('<line x1="510" y1="26" x2="510" y2="52" class="wanted"/>');
    expect(drawn).toContain('<circle cx="510" cy="39" r="4.5" class="simulated"/>');
    expect(drawn).toContain('<line x1="485.24" y1="39" x2="534.76" y2="39" class="whisker"/>');
  });

  it("mark what is outside", () => {
    const off = { ...row("v1", 0.9, 500), expectedInside: false };
    expect(bars({ title: "answers", rows: [off] })).toContain('class="value off">50 %</text>');
  });
});

describe("topology", () => {
  it("has a place for each version, and proxies that answer by themselves", () => {
    const abort = { ...row("v1", 0.3, 300, 500), what: "500" };
    const { to: _to, ...failed } = abort;
    const tables = [
      { title: "answers", rows: [...rows, failed] },
      { title: "copies", rows: [{ ...row("v2", 1, 1000), status: undefined }] },
      { title: "held back", rows: [failed] },
    ] as unknown as RunReport["tables"];
    expect(leavesOf(run({ tables }))).toEqual([
      { service: reviews, name: "v1", copy: false, parts: [{ status: 200, expected: 0.8, observed: 0.788 }] },
      { service: reviews, name: "v2", copy: false, parts: [{ status: 200, expected: 0.2, observed: 0.212 }] },
      { name: "500 by the proxy", copy: false, parts: [{ status: 500, expected: 0.3, observed: 0.3 }] },
      { service: reviews, name: "v2", copy: true, parts: [{ expected: 1, observed: 1 }] },
    ]);
  });

  it("draws edges as thick as shares: what was expected below, what was counted on top", () => {
    const drawn = topology(run());
    const edges = [...drawn.matchAll(/class="(expected|observed)" stroke-width="([\d.]+)"/g)];
    expect(edges.map(([, kind, width]) => [kind, Number(width)])).toEqual([
      ["expected", 22],
      ["observed", 19],
      ["expected", 18],
      ["observed", 14.76],
      ["expected", 6],
      ["observed", 3.24],
    ]);
    expect(drawn).toContain(">78.8 % (expected 80 %)</text>");
    expect(topology(run({ run: runOf({ via: "gateway", gateway: "bookinfo/door" }) }))).toContain(
      ">bookinfo/door</text>",
    );
  });

  it("shows pods for what sticks, versions for tables", () => {
    const pods = ["a", "b"].map((name) => ({
      service: reviews,
      pod: `bookinfo/${name}`,
      version: "v1",
      count: 500,
    }));
    expect(
      leavesOf(run({ tables: [], pods, sticky: { header: "x", rows: [] } })).map(({ name }) => name),
    ).toEqual(["a", "b"]);
    const shape = { status: 503, rows: [shapeRow(10, 0.5)] };
    expect(leavesOf(run({ tables: [], pods, shape }))).toEqual([
      { service: reviews, name: "v1", copy: false, parts: [{ observed: 1 }] },
      { name: "503 by the proxy", copy: false, parts: [{ status: 503, observed: 0.05 }] },
    ]);
  });
});

describe("curve", () => {
  it("goes over what changes from load to load", () => {
    expect(axisOf([shapeRow(10, 0), shapeRow(20, 0)]).name).toBe("connections at once");
    expect(axisOf([shapeRow(4, 0, 0, 30), shapeRow(4, 0, 0, 60)]).name).toBe("requests per second");
    expect(axisOf([shapeRow(4, 0, 0, 1)]).name).toBe("requests per second");
  });

  it("has our points and the document's", () => {
    const drawn = curve(503, [shapeRow(10, 0.1, 5), shapeRow(30, 0.5, 36)]);
    expect(drawn).toContain('<path d="M82 206.8L566 18" class="ours"/>');
    expect(drawn).toContain('<path d="M82 230.4L566 84.08" class="printed"/>');
    expect([...drawn.matchAll(/<circle [^>]*class="(\w+)"/g)].map(([, kind]) => kind)).toEqual([
      ...["printed", "printed", "ours", "ours"],
    ]);
  });
});

it("draws latency on a scale of powers of ten", () => {
  const drawn = histogram(result({ 200: 1000 }));
  expect([...drawn.matchAll(/class="bucket"/g)].length).toBe(result({ 200: 1 }).latency.buckets.length);
  expect(drawn).toContain(">p50 1.5 ms</text>");
  expect(drawn).toContain(">100 ms</text>");
});

describe("the page", () => {
  it("needs no other file, and shows texts as they are", () => {
    const page = renderReport(report([run()]));
    expect(page).not.toMatch(/<script|<link|src=|@import|url\(/);
    expect(page).toContain("<h1>reviews: 80 % &amp; 20 %<span");
    expect(page).toContain("source  &lt;fortio&gt;");
    expect(page).toContain("text: &lt;b&gt;");
    expect(page).toContain("2026-01-02 03:04 UTC");
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain(">as expected</span>");
  });

  it("closes what it opens", () => {
    const shape = { status: 503, rows: [shapeRow(10, 0.1, 5), shapeRow(30, 0.5)] };
    const page = renderReport(report([run(), run({ tables: [], shape, ok: false, problems: ["odd"] })]));
    const open: string[] = [];
    for (const [, end, name = "", alone] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
      if (end === "/") expect(open.pop()).toBe(name);
      else if (alone !== "/") open.push(name);
    }
    expect(open).toEqual([]);
    expect(page).toContain('class="off">odd</p>');
  });
});

describe("text and JSON", () => {
  it("say what is outside, and what the document prints", () => {
    const off = { ...row("v2", 0.3, 212), expectedInside: false };
    const expected = { kind: "shares", shares: [], document: { 200: 97, 500: 3 } } as const;
    const text = renderText(
      report([
        run({ ok: false, run: runOf({ expect: expected }), tables: [{ title: "answers", rows: [off] }] }),
      ]),
    );
    expect(text).toContain("OUTSIDE everybody: GET reviews.bookinfo:9080/reviews/0 from fortio/fortio");
    expect(text).toMatch(
      /reviews.bookinfo v2 200 +30 % +30 % +212 +21.2 % +17.8–25.0 % +OUTSIDE: expected$/m,
    );
    expect(text).toContain("the document: 200 97 %, 500 3 %");
    expect(text).toContain("reviews-split: 1 of 1 runs are not as expected; report: x.html\nChance alone");
  });

  it("keep what programs want, and leave out histograms", () => {
    const told = JSON.parse(renderJson("dev", [report([run()])]));
    expect(told).toMatchObject({
      stack: "dev",
      ok: true,
      scenarios: [{ name: "reviews-split", report: "x.html" }],
    });
    expect(told.scenarios[0].runs[0].tables[0].rows[1]).toMatchObject({
      expected: 0.2,
      count: 212,
      of: 1000,
    });
    expect(Object.keys(told.scenarios[0].runs[0].results[0].latency)).toEqual([
      "mean",
      "min",
      "max",
      "percentiles",
    ]);
  });
});
