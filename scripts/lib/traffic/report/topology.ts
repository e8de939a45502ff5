import { type RunReport, showShare, showStatus } from "../table";
import { element, label, picture, round, shortened, statusClass } from "./svg";
import { expectedOf, type Leaf, leavesOf, observedOf } from "./tree";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly title: string;
  readonly below: string;
  readonly kind: string;
}

const HEIGHT = 54;
const GAP = 20;
const WIDTH = 980;
const BOX = 168;

const box = ({ x, y, width, title, below, kind }: Box): string =>
  element(
    "g",
    { class: `node ${kind}` },
    element("rect", { x, y: y - HEIGHT / 2, width, height: HEIGHT, rx: 9 }),
    label(x + 12, y - 7, shortened(title, 24), { class: "name" }),
    label(x + 12, y + 10, shortened(below, 28), { class: "hint" }),
  );

/** Thick as its share: what was expected as a pale band, what was counted on top of it. */
function edge(
  from: readonly [number, number],
  to: readonly [number, number],
  leaves: readonly Leaf[],
  copy = false,
): string {
  const [[x1, y1], [x2, y2]] = [from, to];
  const middle = round((x1 + x2) / 2);
  const d = `M${round(x1)} ${round(y1)}C${middle} ${round(y1)} ${middle} ${round(y2)} ${round(x2)} ${round(y2)}`;
  const thick = (share: number) => (share === 0 ? 1 : 2 + 20 * Math.min(share, 1));
  const expected = expectedOf(leaves);
  const band =
    expected === undefined ? "" : element("path", { d, class: "expected", "stroke-width": thick(expected) });
  const observed = observedOf(leaves);
  const kind = copy ? "observed copy" : "observed";
  return `${band}${element("path", { d, class: kind, "stroke-width": Math.max(thick(observed) - 3, 1.2) })}`;
}

/** `79.3 % (expected 80 %)`, where an edge ends, on the side from which it does not come. */
function share(x: number, from: number, to: number, leaves: readonly Leaf[]): string {
  const expected = expectedOf(leaves);
  const seen = showShare(observedOf(leaves));
  const text = expected === undefined ? seen : `${seen} (expected ${showShare(expected)})`;
  return label(x - 8, to > from + 1 ? to + 24 : to - 16, text, { class: "share", anchor: "end" });
}

/** Statuses of a place as a bar of their colours. */
function statusBar(x: number, y: number, width: number, { parts }: Leaf): string {
  const all = parts.reduce((sum, { observed }) => sum + observed, 0);
  let at = x;
  return parts
    .filter(({ observed, status }) => observed > 0 && status !== undefined)
    .map(({ observed, status }) => {
      const own = (width * observed) / all;
      const bar = element("rect", {
        x: at,
        y,
        width: own,
        height: 5,
        rx: 2,
        class: `fill ${statusClass(status)}`,
      });
      at += own;
      return bar;
    })
    .join("");
}

const statusesOf = ({ parts, copy }: Leaf): string => {
  if (copy) return "copies";
  const told = parts.flatMap(({ status, observed }) =>
    status === undefined || observed === 0 ? [] : [`${showStatus(status)}: ${showShare(observed)}`],
  );
  return told.join("  ") || (parts.some(({ status }) => status !== undefined) ? "nothing came here" : "");
};

/** Client, gateway, services and their versions, with requests flowing from left to right. */
export function topology(report: RunReport): string {
  const { run } = report;
  const leaves = leavesOf(report);
  const services = [...new Set(leaves.map(({ service }) => service))];
  const sorted = services.flatMap((service) => leaves.filter((leaf) => leaf.service === service));
  const places = new Map(sorted.map((leaf, at) => [leaf, GAP + HEIGHT / 2 + at * (HEIGHT + GAP)]));
  const yOf = (list: readonly Leaf[]) =>
    list.reduce((sum, leaf) => sum + (places.get(leaf) ?? 0), 0) / Math.max(list.length, 1);
  const height = GAP + Math.max(sorted.length, 1) * (HEIGHT + GAP);
  const middle = height / 2;
  const gateway = run.via === "gateway";
  const columns = gateway ? [8, 216, 472, 784] : [8, 0, 396, 784];
  const [clientX = 0, gatewayX = 0, serviceX = 0, leafX = 0] = columns;
  const client: Box = {
    ...{ x: clientX, y: middle, width: BOX, kind: "client" },
    title: gateway ? "client" : (run.client.split("/").at(-1) ?? run.client),
    below: gateway ? "outside the mesh" : "with its proxy",
  };
  const hub = gateway ? gatewayX + BOX : clientX + BOX;
  const first = sorted.filter(({ copy }) => !copy);
  const way = gateway
    ? [
        edge([clientX + BOX, middle], [gatewayX, middle], first),
        box({
          x: gatewayX,
          y: middle,
          width: BOX,
          kind: "gateway",
          title: "ingress gateway",
          below: run.gateway ?? "",
        }),
      ]
    : [];
  const flows = services.flatMap((service) => {
    const own = sorted.filter((leaf) => leaf.service === service);
    const y = yOf(own);
    if (service === undefined)
      return own.flatMap((leaf) => {
        const at = places.get(leaf) ?? 0;
        return [edge([hub, middle], [leafX, at], [leaf]), share(leafX, middle, at, [leaf])];
      });
    const answered = own.filter(({ copy }) => !copy);
    const copiesOnly = answered.length === 0;
    return [
      edge([hub, middle], [serviceX, y], copiesOnly ? own : answered, copiesOnly),
      ...(gateway ? [] : [share(serviceX, middle, y, copiesOnly ? own : answered)]),
      ...own.flatMap((leaf) => {
        const at = places.get(leaf) ?? 0;
        return [edge([serviceX + BOX, y], [leafX, at], [leaf], leaf.copy), share(leafX, y, at, [leaf])];
      }),
    ];
  });
  const nodes = [
    box(client),
    ...services.flatMap((service) => {
      if (service === undefined) return [];
      const [name = service, ...rest] = service.split(".");
      const y = yOf(sorted.filter((leaf) => leaf.service === service));
      return [
        box({ x: serviceX, y, width: BOX, kind: "service", title: name, below: rest.join(".") || "host" }),
      ];
    }),
    ...sorted.flatMap((leaf) => {
      const y = places.get(leaf) ?? 0;
      const kind = leaf.service === undefined ? "proxy" : "version";
      const width = BOX + 20;
      return [
        box({ x: leafX, y, width, kind, title: leaf.name, below: statusesOf(leaf) }),
        statusBar(leafX + 12, y + HEIGHT / 2 - 11, width - 24, leaf),
      ];
    }),
  ];
  return picture(WIDTH, height, "where the requests went", ...way, ...flows, ...nodes);
}
