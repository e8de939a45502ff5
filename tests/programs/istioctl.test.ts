import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { analyse } from "../../components/lib/checks";
import { isExternal } from "../../components/lib/object-index";
import type { KubeObject } from "../../components/lib/objects";
import { fileChecks } from "../../scripts/lib/analyze/codes";
import { examples } from "../components/traffic/analysis/examples";
import { analyze } from "./istioctl";

/** What istioctl says and the checks do not, and why. docs/analysis.md has the same list. */
const accepted: readonly { readonly code: string; readonly why: string; readonly as?: string }[] = [
  { code: "IST0133", as: "IST0134", why: "the webhook's words for the same port" },
  { code: "IST0151", as: "IST0155", why: "istioctl sees only the filters before this one" },
  { code: "IST0132", why: "a VirtualService may have hosts for the mesh beside those of its gateway" },
  { code: "IST0140", why: "a route for sidecars alone goes past nothing" },
];

const folder = mkdtempSync(path.join(tmpdir(), "agreement-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Objects as a user would have them in a file. */
const fileOf = (objects: readonly KubeObject[], name: string) => {
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join("---\n"),
  );
  return file;
};

const oursIn = (objects: readonly KubeObject[], closed: boolean) =>
  new Set(analyse(objects, fileChecks, { closed }).map(({ code, object }) => `${code} ${object}`));

/** Codes of istioctl that the checks do not have for the same object. */
async function unheard(objects: readonly KubeObject[], name: string, closed: boolean): Promise<string[]> {
  const ours = oursIn(objects, closed);
  const theirs = await analyze([
    fileOf(
      objects.filter((object) => !isExternal(object)),
      name,
    ),
  ]);
  return theirs.filter((one) => {
    const [code = "", ...object] = one.split(" ");
    const exception = accepted.find((other) => other.code === code);
    // It gives objects of the cluster a namespace, too.
    if (ours.has(one) || ours.has(one.replace(" default/", " "))) return false;
    if (exception === undefined) return true;
    return exception.as !== undefined && !ours.has(`${exception.as} ${object.join(" ")}`);
  });
}

describe("istioctl analyze", () => {
  it("finds nothing in the examples that the checks miss", async () => {
    const sets = examples.map(({ bad, code, name, closed = false }) => ({
      objects: bad,
      title: `${code} ${name}`,
      closed,
    }));
    const missed: string[] = [];
    const queue = [...sets.entries()];
    const worker = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const [place, { objects, title, closed }] = next;
        const found = await unheard(objects, String(place), closed);
        missed.push(...found.map((one) => `${title}: ${one}`));
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    expect(missed.sort()).toEqual([]);
  }, 600_000);
});
