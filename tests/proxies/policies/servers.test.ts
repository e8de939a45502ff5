import { afterAll, beforeAll, describe, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { renderConnectionPool } from "../../../components/traffic/connection-pool";
import { namespaceObject } from "../harness/cast";
import { RealMesh } from "../harness/mesh";
import { startRateLimits } from "../harness/rate-limits";
import { rateLimits, serverRows } from "./servers";
import { context, guarded } from "./world";

/** An open connection keeps to the rules of the time when it was made, so the client makes one for each request. */
const newConnections = () =>
  renderConnectionPool({ host: guarded, http: { maxRequestsPerConnection: 1 } }, context);

let mesh: RealMesh;
let limits: readonly KubeObject[] = [];
beforeAll(async () => {
  mesh = await RealMesh.start({
    apps: [],
    clients: [{ name: "client", namespace: "shop", labels: { app: "client" }, serviceAccount: "client" }],
    guarded: [{ name: "guarded", namespace: "shop", port: 8088 }],
  });
  await mesh.api.apply(namespaceObject("limits"));
  limits = await startRateLimits(mesh, rateLimits());
  await mesh.declare(newConnections());
});
afterAll(() => mesh?.stop());

describe("policies of servers on real proxies", () => {
  const rows = serverRows(() => limits).map((row) => [row.policy, row.does, row] as const);
  it.each(rows)("%s %s", async (_policy, _does, { objects, check }) => {
    await mesh.declare([...newConnections(), ...objects(mesh)]);
    await check(mesh);
  });
});
