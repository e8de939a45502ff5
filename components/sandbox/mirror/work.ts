import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { buildItem, describeItem } from "./build";
import type { ImageDetail } from "./build-image";
import { expectation } from "./estimate";
import type { MirrorGroup } from "./items";
import { withLock } from "./lock";
import { type Plan, staleItems } from "./mirror";
import { renderIndex } from "./oci";
import { checkPrerequisites } from "./prerequisites";
import { Progress } from "./progress";
import { readStamp, sizeOf, writeJson, writeStamp } from "./recipe";
import { stopChildren } from "./run";
import { type MirrorArch, mirrorVersions, previousVersions } from "./versions";

/** What a fill is to reach. */
export interface Task {
  plan: Plan[];
  /** Groups for the index, or what only a preview reads, which gets none. */
  groups: readonly MirrorGroup[] | "preview";
  complete: boolean;
}

/** Builds what is stale, alone. Says whether it had to: another process may have done it meanwhile, or added groups. */
export async function fillLocked(dir: string, arch: MirrorArch, task: () => Task): Promise<boolean> {
  checkPrerequisites(staleItems(dir, task().plan).map(({ item }) => item));
  process.umask(0o022); // modes are part of an image's digest
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => {
      stopChildren();
      process.exit(code); // what is half-built lies in temp/ and has no stamp
    });
  }
  const progress = new Progress();
  const waiting = (holder: string, wait: () => Promise<void>) =>
    progress.waiting(
      `${join(dir, "lock")} is held by process ${holder}, which fills this mirror: waiting`,
      wait,
    );
  return withLock(dir, waiting, async () => {
    const now = task();
    if (!now.complete) await fillMirror(dir, arch, now, progress);
    return !now.complete;
  });
}

async function fillMirror(dir: string, arch: MirrorArch, task: Task, progress: Progress): Promise<void> {
  const { plan, groups } = task;
  rmSync(join(dir, "temp"), { recursive: true, force: true }); // left by a run that was killed
  const stale = staleItems(dir, plan);
  const expected = expectation(
    stale.map(({ item }) => item.name),
    availableParallelism(),
  );
  if (expected !== undefined) progress.say(expected);
  for (const sub of ["temp", "logs"]) mkdirSync(join(dir, sub), { recursive: true });

  for (const [at, { item, recipe }] of stale.entries()) {
    const log = join(dir, "logs", `${item.name}.log`);
    const temp = mkdtempSync(join(dir, "temp", "item-"));
    for (const old of [log, join(dir, "stamps", `${item.name}.json`)]) rmSync(old, { force: true });
    const work = () => buildItem(item, { dir, arch, temp, log });
    const built = await progress.item(`${at + 1}/${stale.length}`, item.name, describeItem(item), log, work);
    const outputs = Object.fromEntries(built.outputs.map((path) => [path, sizeOf(join(dir, path)) ?? 0]));
    writeStamp(dir, item.name, { recipe, outputs, detail: built.detail });
    rmSync(temp, { recursive: true, force: true });
  }
  rmSync(join(dir, "temp"), { recursive: true, force: true });
  // What a preview reads is no mirror yet: an index would promise images.
  if (groups !== "preview") writeIndexes(dir, plan, arch, groups);
}

function writeIndexes(dir: string, plan: Plan[], arch: MirrorArch, groups: readonly MirrorGroup[]): void {
  const images = plan
    .filter(({ item }) => item.kind === "image")
    .map(({ item }) => readStamp(dir, item.name)?.detail as unknown as ImageDetail)
    .flatMap(({ refs, manifest }) => refs.map((ref) => ({ ref, manifest })));
  writeJson(join(dir, "images/oci-layout"), { imageLayoutVersion: "1.0.0" });
  writeJson(join(dir, "images/index.json"), renderIndex(images, arch));
  writeJson(join(dir, "index.json"), {
    arch,
    versions: mirrorVersions,
    groups,
    ...(groups.includes("previous") ? { previous: previousVersions } : {}),
    images: images.map(({ ref }) => ref),
  });
  dropOldBlobs(dir);
}

/** Blobs of images that have been built anew since; nothing refers to them. */
function dropOldBlobs(dir: string): void {
  const blobs = join(dir, "images/blobs/sha256");
  const stamps = readdirSync(join(dir, "stamps")).map((name) =>
    readFileSync(join(dir, "stamps", name), "utf8"),
  );
  const used = new Set(
    stamps.flatMap((text) => Object.keys(JSON.parse(text).outputs)).map((path) => basename(path)),
  );
  for (const blob of readdirSync(blobs)) if (!used.has(blob)) rmSync(join(blobs, blob));
}
