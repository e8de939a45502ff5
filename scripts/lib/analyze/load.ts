import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../components/lib/objects";
import { UsageError } from "../command-line";
import { isClusterScoped } from "./scopes";

/** Where an object was read. */
export interface Source {
  /** As given, or below what was given; `<stdin>` for the standard input. */
  readonly file: string;
  readonly lines: LineCounter;
  /** The object in the file. */
  readonly node: Node;
}

export interface Loaded {
  readonly objects: readonly KubeObject[];
  readonly sources: ReadonlyMap<KubeObject, Source>;
  readonly files: number;
  /** Documents that are no objects of Kubernetes. */
  readonly passedOver: number;
}

/** JSON is read where it is named; folders are full of JSON of other kinds. */
const isObjectFile = (name: string) => /\.ya?ml$/.test(name);

/** Files of a path, in the order of their names; hidden ones and node_modules left out. */
function filesOf(place: string): string[] {
  if (place === "-") return [place];
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(place);
  } catch {
    throw new UsageError(`${place}: no such file or folder`);
  }
  if (!stat.isDirectory()) return [place];
  return readdirSync(place, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = path.join(place, entry.name);
      if (entry.isDirectory()) return filesOf(below);
      return isObjectFile(entry.name) ? [below] : [];
    });
}

/** The parts of a List, and an object itself. */
function partsOf(node: ParsedNode | null): readonly Node[] {
  if (!isMap(node))
    return isSeq(node) ? (node.items as Node[]).flatMap((item) => partsOf(item as ParsedNode)) : [];
  const kind: unknown = node.get("kind");
  const items: unknown = node.get("items");
  if (typeof kind === "string" && kind.endsWith("List") && isSeq(items)) {
    return (items.items as Node[]).flatMap((item) => partsOf(item as ParsedNode));
  }
  return [node];
}

const isObject = (value: unknown): value is KubeObject => {
  const { apiVersion, kind, metadata } = (value ?? {}) as Record<string, unknown>;
  const name = (metadata as Record<string, unknown> | undefined)?.name;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof name === "string";
};

/** Reads every object in files, with its place. */
export function load(places: readonly string[], namespace: string): Loaded {
  const sources = new Map<KubeObject, Source>();
  const objects: KubeObject[] = [];
  let passedOver = 0;
  const files = [...new Set(places.flatMap(filesOf))];
  for (const place of files) {
    const file = place === "-" ? "<stdin>" : place;
    const lines = new LineCounter();
    const text = readFileSync(place === "-" ? 0 : place, "utf8");
    const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: true });
    for (const document of Array.isArray(documents) ? documents : []) {
      const [error] = document.errors;
      if (error !== undefined) throw new Error(`${file}: ${error.message}`);
      for (const node of partsOf(document.contents)) {
        const value: unknown = isScalar(node) ? undefined : toValue(node, document);
        if (!isObject(value)) {
          passedOver += 1;
          continue;
        }
        const object = placed(value, namespace);
        objects.push(object);
        sources.set(object, { file, lines, node });
      }
    }
  }
  return { objects, sources, files: files.length, passedOver };
}

type Document = ReturnType<typeof parseAllDocuments>[number];

const toValue = (node: Node, document: Document | never): unknown =>
  node.toJS(document as Parameters<Node["toJS"]>[0]);

/** Objects without a namespace go where kubectl would put them. */
function placed(object: KubeObject, namespace: string): KubeObject {
  if (object.metadata.namespace !== undefined || isClusterScoped(object)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
