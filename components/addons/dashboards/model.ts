/** Units by Grafana's ids. */
export type Unit = "reqps" | "percentunit" | "ms" | "s" | "bytes" | "Bps" | "short" | "d" | "cores";

export interface Query {
  readonly expr: string;
  /** How the line is called; `{{label}}` stands for a label. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly kind: "timeseries" | "stat" | "table";
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width: 6 | 8 | 12 | 24;
}

export interface Variable {
  readonly name: string;
  /** In the words of Grafana's Prometheus data source: `label_values(metric, label)`. */
  readonly query: string;
}

export interface Dashboard {
  /** Part of its address; never changes, so that links last. */
  readonly uid: string;
  readonly title: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

export const line = (expr: string, legend: string): Query => ({ expr, legend });

export const graph = (title: string, unit: Unit, queries: readonly Query[], width: Panel["width"] = 12) =>
  ({ title, kind: "timeseries", unit, queries, width }) as const satisfies Panel;

export const figure = (title: string, unit: Unit, expr: string) =>
  ({ title, kind: "stat", unit, queries: [line(expr, "")], width: 6 }) as const satisfies Panel;

export const table = (title: string, unit: Unit, expr: string, legend: string) =>
  ({ title, kind: "table", unit, queries: [line(expr, legend)], width: 24 }) as const satisfies Panel;
