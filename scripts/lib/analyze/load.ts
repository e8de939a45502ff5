import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isMap, isPair, isSeq, type LineCounter, type Node } from "yaml";
import type { KubeObject } from "../../../components/lib/objects";
import {
  decodeYaml,
  readYamlDocuments,
  readYamlText,
  type YamlDocument,
  YamlError,
  type YamlFault,
} from "../../../components/lib/yaml-text";
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

/** A document, or a whole file, that could not be read. */
export interface Unread {
  readonly fault: YamlFault;
  /** Whether the file was named on the command line, rather than found in a folder. */
  readonly named: boolean;
}

/** A key that stands twice in a document with objects. */
export interface Duplicate {
  readonly fault: YamlFault;
  /** The object that it is in; undefined where it is around objects, as in a List. */
  readonly object: KubeObject | undefined;
}

export interface Loaded {
  readonly objects: readonly KubeObject[];
  readonly sources: ReadonlyMap<KubeObject, Source>;
  readonly files: number;
  /** Documents that are no objects of Kubernetes. */
  readonly passedOver: number;
  /** What is left out since it cannot be read. */
  readonly unread: readonly Unread[];
  /** In what was read; the last one counts, as for kubectl. */
  readonly duplicates: readonly Duplicate[];
}

/** A file to read, or a folder that could not be looked into. */
interface Found {
  readonly place: string;
  readonly named: boolean;
  readonly refused?: YamlFault;
}

/** JSON is read where it is named; folders are full of JSON of other kinds. */
const isObjectFile = (name: string) => /\.ya?ml$/.test(name);

const wholeFile = (file: string, message: string): YamlFault => ({
  file,
  line: 0,
  column: 0,
  text: "",
  message,
});

/** Files of a path, in the order of their names; hidden ones and node_modules left out. */
function filesOf(place: string, named = true): Found[] {
  if (place === "-") return [{ place, named }];
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(place);
  } catch {
    throw new UsageError(`${place}: no such file or folder`);
  }
  if (!stat.isDirectory()) return [{ place, named }];
  let entries: Dirent[];
  try {
    entries = readdirSync(place, { withFileTypes: true });
  } catch {
    return [
      { place, named, refused: wholeFile(place, "the folder may not be read: look at its permissions") },
    ];
  }
  return entries
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Found[] => {
      const below = path.join(place, entry.name);
      if (entry.isDirectory()) return filesOf(below, false);
      const isFile = entry.isFile() || entry.isSymbolicLink();
      return isFile && isObjectFile(entry.name) ? [{ place: below, named: false }] : [];
    });
}

interface Part {
  readonly node: Node;
  readonly value: unknown;
}

/** The parts of a List, and an object itself. */
function partsOf(node: Node, value: unknown): readonly Part[] {
  if (Array.isArray(value)) {
    const nodes = isSeq(node) ? (node.items as Node[]) : [];
    return value.flatMap((item, place) => partsOf(nodes[place] ?? node, item));
  }
  const { kind, items } = (value ?? {}) as Record<string, unknown>;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    const list = isMap(node)
      ? node.items.filter(isPair).find(({ key }) => String(key) === "items")?.value
      : undefined;
    return partsOf(isSeq(list) ? list : node, items);
  }
  return [{ node, value }];
}

/** A name that is a number is one for the form of objects to complain of, and not a document of another kind. */
const isObject = (value: unknown): value is KubeObject => {
  const { apiVersion, kind, metadata } = (value ?? {}) as Record<string, unknown>;
  const name = (metadata as Record<string, unknown> | null | undefined)?.name;
  return (
    typeof apiVersion === "string" &&
    typeof kind === "string" &&
    ["string", "number", "boolean"].includes(typeof name)
  );
};

/** What one text holds. */
interface Contents {
  readonly objects: readonly (readonly [KubeObject, Source])[];
  readonly passedOver: number;
  readonly faults: readonly YamlFault[];
  readonly duplicates: readonly Duplicate[];
}

/** The objects of a text, and what of it cannot be read. */
export function readObjects(text: string, file: string, namespace: string): Contents {
  const { documents, lines } = readYamlDocuments(text, file);
  const objects: [KubeObject, Source][] = [];
  const duplicates: Duplicate[] = [];
  let passedOver = 0;
  for (const { document, value, faults, duplicates: twice } of documents) {
    const { contents } = document;
    // A comment alone, as before the first ---, is nothing that was left out.
    if (contents === null || faults.length > 0) continue;
    const found = partsOf(contents, value).flatMap((part): [KubeObject, Source][] =>
      isObject(part.value) ? [[placed(part.value, namespace), { file, lines, node: part.node }]] : [],
    );
    if (found.length === 0) passedOver += value === null || value === undefined ? 0 : 1;
    objects.push(...found);
    if (found.length > 0)
      duplicates.push(...twice.map((fault) => ({ fault, object: around(fault, found)?.[0] })));
  }
  const faults = documents.flatMap((one: YamlDocument) => one.faults);
  return { objects, passedOver, faults, duplicates };
}

/** The object whose text a fault is in. */
const around = ({ line, column }: YamlFault, objects: readonly (readonly [KubeObject, Source])[]) =>
  objects.find(([, { node, lines }]) => {
    const offset = (lines.lineStarts[line - 1] ?? 0) + column - 1;
    const [start, , end] = node.range ?? [0, 0, 0];
    return offset >= start && offset < end;
  });

const nothing: Contents = { objects: [], passedOver: 0, faults: [], duplicates: [] };

function readFound({ place, refused }: Found, namespace: string): Contents {
  if (refused !== undefined) return { ...nothing, faults: [refused] };
  try {
    if (place === "-") return readObjects(decodeYaml(readFileSync(0), "<stdin>"), "<stdin>", namespace);
    return readObjects(readYamlText(place), place, namespace);
  } catch (error) {
    if (error instanceof YamlError) return { ...nothing, faults: error.faults };
    throw error;
  }
}

/**
 * Reads every object in files, with its place. What cannot be read is told of and left out. Throws a UsageError for a
 * path that is not there.
 */
export function load(places: readonly string[], namespace: string): Loaded {
  const found = new Map<string, Found>();
  for (const file of places.flatMap((place) => filesOf(place)))
    if (file.named || !found.has(file.place)) found.set(file.place, file);
  const all = [...found.values()].map((file) => ({ file, contents: readFound(file, namespace) }));
  const pairs = all.flatMap(({ contents }) => contents.objects);
  return {
    objects: pairs.map(([object]) => object),
    sources: new Map(pairs),
    files: found.size,
    passedOver: all.reduce((sum, { contents }) => sum + contents.passedOver, 0),
    unread: all.flatMap(({ file, contents }) =>
      contents.faults.map((fault) => ({ fault, named: file.named })),
    ),
    duplicates: all.flatMap(({ contents }) => contents.duplicates),
  };
}

/** Objects without a namespace go where kubectl would put them. */
function placed(object: KubeObject, namespace: string): KubeObject {
  if ((object.metadata.namespace ?? "") !== "" || isClusterScoped(object)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
