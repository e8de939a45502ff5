/** Pieces of SVG and HTML as text. */

type Attributes = Readonly<Record<string, string | number | undefined>>;

export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** At most two digits behind the point: enough for a screen. */
export const round = (value: number): number => Math.round(value * 100) / 100;

/** An element. Children are markup and not escaped; texts go through `escapeText` or `label`. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : escapeText(String(value))}"`,
    )
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

export interface LabelOptions {
  /** Classes of the style sheet. Default none. */
  readonly class?: string;
  /** Default `start`. */
  readonly anchor?: "start" | "middle" | "end";
}

/** A text at a place. */
export const label = (
  x: number,
  y: number,
  text: string,
  { class: name, anchor }: LabelOptions = {},
): string => element("text", { x, y, class: name, "text-anchor": anchor }, escapeText(text));

export const line = (x1: number, y1: number, x2: number, y2: number, name: string): string =>
  element("line", { x1, y1, x2, y2, class: name });

/** A picture as wide as its place; `title` is what screen readers say. */
export const picture = (
  width: number,
  height: number,
  title: string,
  ...children: readonly string[]
): string =>
  element(
    "svg",
    { viewBox: `0 0 ${round(width)} ${round(height)}`, role: "img", "aria-label": title },
    ...children,
  );

/** The class that colours a status: good, client's fault, server's fault, none. */
export const statusClass = (status: number | undefined): string => {
  if (status === undefined || status < 200) return "none";
  if (status < 400) return "good";
  return status < 500 ? "warn" : "bad";
};

/** Cut in the middle, where names of pods are alike. */
export const shortened = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text.slice(0, Math.ceil(most / 2) - 1)}…${text.slice(-Math.floor(most / 2))}`;
