import { stringify } from "yaml";
import type { ScenarioReport } from "../scenario";
import type { RunReport } from "../table";
import { bars } from "./bars";
import { curve } from "./curve";
import { histogram } from "./histogram";
import { style } from "./style";
import { element, escapeText } from "./svg";
import { heldList, latencyTable, shapeTable, shareTable, stickyTable } from "./tables";
import { topology } from "./topology";

const text = (name: string, content: string, kind?: string) =>
  element(name, { class: kind }, escapeText(content));

const verdict = (ok: boolean) =>
  text("span", ok ? "as expected" : "not as expected", ok ? "verdict ok" : "verdict off");

const folded = (title: string, content: string) =>
  element("details", {}, text("summary", title), text("pre", content));

const key = (mark: string, meaning: string) =>
  element("span", {}, element("svg", { viewBox: "0 0 30 16" }, mark), escapeText(meaning));

const legend = element(
  "div",
  { class: "legend" },
  key('<rect x="0" y="3" width="28" height="10" rx="3" class="bar good"/>', "counted"),
  key('<line x1="1" y1="8" x2="29" y2="8" class="whisker"/>', "where the true share is, with 99 %"),
  key('<line x1="15" y1="0" x2="15" y2="16" class="wanted"/>', "expected"),
  key('<circle cx="15" cy="8" r="4.5" class="simulated"/>', "the simulator's prediction"),
);

const curveLegend = element(
  "div",
  { class: "legend" },
  key('<circle cx="15" cy="8" r="4.5" class="ours"/>', "counted here, with its 99 % interval"),
  key('<circle cx="15" cy="8" r="4.5" class="printed"/>', "printed in the document, on another machine"),
);

function requestOf({ run }: RunReport): string {
  const { method, host, port, path, headers } = run.request;
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} http://${host}:${port}${path}`, ...named].join("  ·  ");
}

function sentBy({ run }: RunReport): string {
  const many = run.loads.reduce((sum, { requests }) => sum + requests, 0);
  const loads = run.loads.length === 1 ? "" : ` in ${run.loads.length} loads`;
  const by = run.via === "mesh" ? `from ${run.client} in the mesh` : `from outside, through ${run.gateway}`;
  return `${many} requests${loads} ${by}`;
}

const sources = {
  envoy: "Envoy's counters of each destination",
  istio: "Istio's counter istio_requests_total",
} as const;

const howToRead = element(
  "details",
  {},
  text("summary", "How to read this page"),
  text(
    "p",
    "A scenario declares rules for the traffic between services, and sends requests to see what they do. For each run the page shows what was expected, what the simulator says by the rules alone, and what the proxies in the cluster have counted.",
  ),
  text(
    "p",
    "Where a rule speaks of percent, each request is drawn by chance, so that counts scatter around it. The whiskers say where the true share lies, with 99 %: a line or a ring between them is as good as met, one outside of them is not. More requests make the whiskers shorter.",
  ),
  text(
    "p",
    "In the picture an edge is as thick as its share of the requests. The pale band below it is what was expected, a dashed edge carries copies, a dashed box is a proxy that answered by itself.",
  ),
);

/** One run: where requests went, how they were shared out, how long they took. */
function runSection(report: RunReport): string {
  const { run, ok, tables, shape, holds, problems, results, explained, open, source } = report;
  const last = results.at(-1);
  const figures = [
    ...tables.map(bars),
    ...(tables.length === 0 ? [] : [legend]),
    ...tables.map(shareTable),
    ...(shape === undefined
      ? []
      : [curve(shape.status, shape.rows), curveLegend, shapeTable(shape.status, shape.rows)]),
    stickyTable(report),
  ];
  const document = run.expect.kind === "shares" ? run.expect.document : undefined;
  const printed = Object.entries(document ?? {}).map(([status, percent]) => `${status}: ${percent} %`);
  return element(
    "section",
    {},
    element("h2", {}, escapeText(run.name), verdict(ok)),
    element("p", {}, text("code", requestOf(report))),
    text("p", `${sentBy(report)}. Counted by ${sources[source]}.`, "soft"),
    ...problems.map((problem) => text("p", problem, "off")),
    text("h3", "Where the requests went"),
    topology(report),
    text("h3", shape === undefined ? "How they were shared out" : "What the load did"),
    element("div", { class: shape === undefined ? undefined : "narrow" }, ...figures),
    ...(printed.length === 0 ? [] : [text("p", `The document prints ${printed.join(", ")}.`, "soft")]),
    ...(holds.length === 0 ? [] : [text("h3", "What had to hold"), heldList(holds)]),
    text("h3", "How long answers took"),
    element("div", { class: "small" }, last === undefined ? "" : histogram(last)),
    element("div", { class: "wide" }, latencyTable(report)),
    folded("What the simulator says, step by step", explained),
    ...(open.length === 0 ? [] : [folded("What the simulator takes for granted", open.join("\n"))]),
  );
}

/** The report of a scenario: one page that needs nothing but a browser. */
export function renderReport(report: ScenarioReport): string {
  const { name, title, source, shows, stack, runs, ok, objects, at } = report;
  const when = at.toISOString().replace("T", " ").slice(0, 16);
  const head = element(
    "head",
    {},
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width,initial-scale=1"/>',
    text("title", `${name}: ${ok ? "as expected" : "not as expected"}`),
    element("style", {}, style),
  );
  const yaml = objects.map((object) => stringify(object)).join("---\n");
  const body = element(
    "main",
    {},
    element("h1", {}, escapeText(title), verdict(ok)),
    text("p", `It shows ${shows}.`),
    text("p", `${name} · ${source} · stack ${stack} · ${when} UTC`, "soft"),
    howToRead,
    ...runs.map(runSection),
    element(
      "section",
      {},
      text("h2", "The objects"),
      text(
        "p",
        `What the scenario declares beside the applications: ${objects.length} ${objects.length === 1 ? "object" : "objects"}.`,
        "soft",
      ),
      folded("YAML", yaml),
    ),
  );
  return `<!doctype html>\n${element("html", { lang: "en" }, head, element("body", {}, body))}\n`;
}
