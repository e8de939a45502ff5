import { afterAll, beforeAll, beforeEach, describe, it } from "vitest";
import { RealMesh } from "../harness/mesh";
import { destinationRows } from "./destinations";
import { choosePorts, meshWide, registering } from "./mesh-wide";
import { routing } from "./routing";
import { meshArgs, type Row } from "./world";

let mesh: RealMesh;
beforeAll(async () => {
  await choosePorts();
  mesh = await RealMesh.start(meshArgs);
});
beforeEach(() => {
  for (const application of mesh.applications.values()) application.forget();
});
afterAll(() => mesh?.stop());

const titled = (rows: readonly Row[]) => rows.map((row) => [row.policy, row.does, row] as const);

describe.each([
  ["routes", routing],
  ["destinations", destinationRows],
  ["the mesh", [...meshWide, registering]],
] as const)("%s on real proxies", (_, rows) => {
  it.each(titled(rows))("%s %s", async (_policy, _does, { objects, check }) => {
    await mesh.declare(objects(mesh));
    await check(mesh);
  });
});
