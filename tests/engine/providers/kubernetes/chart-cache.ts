/** Renderings of charts of this computer, kept by the digest of everything that goes into them. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { cacheFolder } from "../../../../scripts/lib/paths";
import type { ValueMap } from "../values";

/** Renderings that are kept; a stack has a few charts, each of some 100 kB. */
const KEPT = 100;

/** What gives another answer each time, or asks a cluster: the official provider would render it anew, too. */
const CHANCE =
  /\{\{[^}]*\b(rand[A-Z]\w*|gen[A-Z]\w*|shuffle|uuidv4|now|date|dateInZone|ago|bcrypt|htpasswd|encryptAES|getHostByName|lookup)\b/;

const folder = () => path.join(cacheFolder(), "charts");

/** Gives a kept rendering, or renders and keeps it. `settings` is all that the renderer is told besides the chart. */
export async function keptRendering(
  chart: string,
  settings: unknown,
  render: () => Promise<ValueMap[]>,
): Promise<ValueMap[]> {
  const key = keyOf(chart, JSON.stringify(settings));
  if (key === undefined) {
    return render();
  }
  const file = path.join(folder(), `${key}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ValueMap[];
  } catch {
    const objects = await render();
    keep(file, objects);
    return objects;
  }
}

/** The digest of a chart and its settings; nothing for a chart from elsewhere, and for one that leaves things to chance. */
function keyOf(chart: string, settings: string): string | undefined {
  const files = filesOf(chart);
  if (files === undefined || CHANCE.test(settings)) {
    return undefined;
  }
  const digest = createHash("sha256").update(settings);
  for (const file of files) {
    const content = readFileSync(file);
    const text = (/\.tgz$/.test(file) ? gunzipSync(content) : content).toString("latin1");
    if (CHANCE.test(text)) {
      return undefined;
    }
    digest.update(JSON.stringify([path.relative(chart, file), content.length])).update(content);
  }
  return digest.digest("hex");
}

/** The files of a folder, or the one of an archive. */
function filesOf(chart: string): string[] | undefined {
  const found = statSync(chart, { throwIfNoEntry: false });
  if (!found?.isDirectory()) {
    return found?.isFile() ? [chart] : undefined;
  }
  const entries = readdirSync(chart, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
}

function keep(file: string, objects: ValueMap[]): void {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  // Moved into its place, so that a run at the same time finds all of it or nothing.
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(objects), { mode: 0o600 });
  renameSync(partial, file);
  const kept = readdirSync(folder()).map((name) => path.join(folder(), name));
  const age = (each: string) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const old of kept.sort((one, other) => age(other) - age(one)).slice(KEPT)) {
    rmSync(old, { force: true });
  }
}
