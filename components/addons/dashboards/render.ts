import { atLeast } from "../../lib/versions";
import type { Dashboard, Panel, Query, Variable } from "./model";

/** The data source of every panel, by its uid and by its name. */
export const dataSource = { uid: "prometheus", name: "Prometheus" } as const;

/** How a version of Grafana wants things said. */
interface Dialect {
  /** Up to 8.2 data sources are called by name. */
  readonly datasource: unknown;
  /** The present panel for lines came with 7.4. */
  readonly lines: "timeseries" | "graph";
}

const dialectOf = (version: string): Dialect => ({
  datasource: atLeast(version, "8.3") ? { type: "prometheus", uid: dataSource.uid } : dataSource.name,
  lines: atLeast(version, "7.4") ? "timeseries" : "graph",
});

const COLUMNS = 24;
const heights: Readonly<Record<Panel["kind"], number>> = { timeseries: 8, stat: 4, table: 9 };

const target = ({ datasource }: Dialect, kind: Panel["kind"], { expr, legend }: Query, index: number) => ({
  refId: String.fromCharCode("A".charCodeAt(0) + index),
  datasource,
  expr,
  legendFormat: legend,
  ...(kind === "timeseries" ? { range: true } : { instant: true }),
  ...(kind === "table" ? { format: "table" } : {}),
});

const options: Readonly<Record<Panel["kind"], object>> = {
  timeseries: {
    legend: { displayMode: "list", placement: "bottom", showLegend: true },
    tooltip: { mode: "multi", sort: "desc" },
  },
  stat: { reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false }, graphMode: "area" },
  table: { showHeader: true, sortBy: [{ displayName: "Value", desc: true }] },
};

const renderPanel = (dialect: Dialect, panel: Panel, id: number, x: number, y: number) => ({
  id,
  type: panel.kind === "timeseries" ? dialect.lines : panel.kind,
  title: panel.title,
  gridPos: { x, y, w: panel.width, h: heights[panel.kind] },
  datasource: dialect.datasource,
  targets: panel.queries.map((query, index) => target(dialect, panel.kind, query, index)),
  fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
  options: options[panel.kind],
  // A table shows what there is now, not the time it was asked.
  ...(panel.kind === "table"
    ? { transformations: [{ id: "organize", options: { excludeByName: { Time: true, __name__: true } } }] }
    : {}),
});

/** Panels side by side as long as they fit, under a title for each row. Ids count up, so that they never move about. */
function layOut(dialect: Dialect, rows: Dashboard["rows"]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: content } of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of content) {
      if (x + panel.width > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      panels.push(renderPanel(dialect, panel, panels.length + 1, x, y));
      x += panel.width;
      height = Math.max(height, heights[panel.kind]);
    }
    y += height;
  }
  return panels;
}

const renderVariable = ({ datasource }: Dialect, { name, query }: Variable) => ({
  name,
  label: name,
  type: "query",
  datasource,
  query: { query, refId: name },
  definition: query,
  // When the time range changes: what was called last week may be gone today.
  refresh: 2,
  sort: 1,
  includeAll: false,
  multi: false,
});

/** A dashboard as the JSON that Grafana imports; the same text for the same data. */
export function renderDashboard(dashboard: Dashboard, grafanaVersion: string): string {
  const dialect = dialectOf(grafanaVersion);
  const { uid, title, variables, rows } = dashboard;
  const model = {
    uid,
    title,
    tags: ["mesh"],
    // Grafana brings older ones up to its own by itself, but refuses none.
    schemaVersion: 30,
    version: 1,
    editable: false,
    time: { from: "now-1h", to: "now" },
    refresh: "30s",
    templating: { list: variables.map((variable) => renderVariable(dialect, variable)) },
    annotations: { list: [] },
    links: [{ type: "dashboards", title: "Mesh", tags: ["mesh"], asDropdown: true, keepTime: true }],
    panels: layOut(dialect, rows),
  };
  return `${JSON.stringify(model)}\n`;
}
