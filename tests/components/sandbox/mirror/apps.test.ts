import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appImages, labImage, labServices } from "../../../../components/apps/images";
import { moduleDir } from "../../../../components/sandbox/mirror/go-module";
import { mirrorGroups, mirrorItems } from "../../../../components/sandbox/mirror/items";
import { appVersions } from "../../../../components/sandbox/mirror/items-apps";

const refs = mirrorItems("amd64", mirrorGroups).flatMap((item) => (item.kind === "image" ? item.refs : []));
/** As hosts ask for it: without the registry. */
const asked = (image: string) => image.replace(/^[^/]*\.[^/]*\//, "");

describe("the images of applications", () => {
  const lab = labServices.flatMap((service) =>
    (["v1", "v2"] as const).map((version) => labImage(service, version)),
  );

  it.each([...Object.values(appImages), ...lab])("are in the mirror: %s", (image) => {
    expect(refs).toContain(asked(image));
  });

  it("are there for no other name", () => {
    const apps = mirrorItems("amd64", ["apps"]).slice(mirrorItems("amd64").length);
    const made = apps.flatMap((item) => (item.kind === "image" ? item.refs : []));
    const wanted = [...Object.values(appImages), ...lab].map(asked);
    expect(made.filter((ref) => !wanted.includes(ref))).toEqual([]);
  });

  it("hold the go-httpbin that its module pins", () => {
    const text = readFileSync(join(moduleDir({ name: "httpbin" }), "go.mod"), "utf8");
    expect(text).toContain(`github.com/mccutchen/go-httpbin/v2 v${appVersions.httpbin} `);
  });
});
