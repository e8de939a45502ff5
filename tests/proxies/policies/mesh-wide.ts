import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { renderEgress } from "../../../components/traffic/egress";
import { renderEnvoyFilter } from "../../../components/traffic/envoy-filter";
import { renderServiceEntry } from "../../../components/traffic/service-entry";
import { renderSidecar } from "../../../components/traffic/sidecar";
import { leastScope, renderLeastScope } from "../../../components/traffic/sidecar-scope";
import { renderTelemetry } from "../../../components/traffic/telemetry";
import { renderTrafficExtension } from "../../../components/traffic/traffic-extension";
import { renderWorkloadEntry } from "../../../components/traffic/workload-entry";
import { renderWorkloadGroup } from "../../../components/traffic/workload-group";
import type { RealMesh } from "../harness/mesh";
import { freePorts, until } from "../harness/processes";
import { answering, answersFrom, ask, b, context, type Row, workload } from "./world";

const client = { app: "client", "istio-locality": "here.one" };
const scope = { kind: "workload", namespace: "shop", labels: { app: "client" } } as const;
const addressOf = (mesh: RealMesh) => mesh.proxies.get("shop/client")?.address ?? "";

/** Makes the Sidecar that listens at the client's address, since nothing captures its traffic; others replace it. */
const sentinel = "sentinel/*";

export const meshWide: readonly Row[] = [
  {
    policy: "sidecar",
    does: "lets known hosts out alone",
    objects: (mesh) =>
      renderSidecar(
        {
          name: "client",
          namespace: "shop",
          workloadSelector: client,
          outboundTrafficPolicy: "REGISTRY_ONLY",
          egress: [
            { bind: addressOf(mesh), hosts: ["./b.shop.svc.cluster.local", sentinel, "istio-system/*"] },
          ],
        },
        context,
      ),
    check: async (mesh) => {
      await answersFrom(mesh, "b-v1", { to: "b" });
      expect((await ask(mesh, { to: "a" })).status).toBe(502);
    },
  },
  {
    policy: "sidecar-scope",
    does: "tells of what is called alone",
    objects: (mesh) => {
      const args = { name: "client", namespace: "shop", workloadSelector: client, calls: [b] };
      const [listener] = leastScope(args, context);
      expect(renderLeastScope(args, context)[0]?.spec).toMatchObject({
        egress: [{ hosts: listener?.hosts }],
      });
      const egress = [{ bind: addressOf(mesh), hosts: [...(listener?.hosts ?? []), sentinel] }];
      const { calls, ...rest } = args;
      return renderSidecar({ ...rest, egress }, context);
    },
    check: async (mesh) => {
      await answersFrom(mesh, "b-v1", { to: "b" });
      const clusters = (await mesh.proxies.get("shop/client")?.admin("/clusters")) ?? "";
      expect(clusters).toContain("|b.shop.svc.cluster.local::");
      expect(clusters).not.toContain("|a.shop.svc.cluster.local::");
    },
  },
  {
    policy: "service-entry",
    does: "makes a name for endpoints",
    objects: (mesh) =>
      renderServiceEntry(
        {
          name: "partner",
          namespace: "shop",
          hosts: ["partner.test"],
          ports: [{ number: 80, protocol: "HTTP", targetPort: 20_080 }],
          resolution: "STATIC",
          endpoints: [{ address: mesh.addresses.get(workload("b-v1")) ?? "" }],
        },
        context,
      ),
    check: (mesh) => answersFrom(mesh, "b-v1", { to: "partner.test" }),
  },
  {
    policy: "workload-entry",
    does: "stands for a pod of a Service",
    objects: (mesh) =>
      renderWorkloadEntry(
        {
          name: "machine",
          namespace: "shop",
          labels: { app: "b", version: "machine" },
          address: mesh.addresses.get(workload("a-v1")) ?? "",
        },
        context,
      ),
    check: async (mesh) => expect(await answering(mesh, 30, { to: "b" })).toEqual(["a-v1", "b-v1"]),
  },
  {
    policy: "egress",
    does: "originates TLS to a host outside",
    objects: () =>
      renderEgress(
        {
          namespace: "shop",
          hosts: [
            {
              host: "secure.localhost",
              way: {
                kind: "tlsOrigination",
                port: 8090,
                targetPort: outsidePort,
                tls: { mode: "SIMPLE", insecureSkipVerify: true, sni: "secure.localhost" },
              },
            },
          ],
        },
        context,
      ),
    check: async (mesh) => {
      await mesh.serve("Server outside", "127.0.0.1", [outsidePort], true);
      const { seen } = await until(
        "the name's address",
        async () => {
          const answer = await ask(mesh, { to: "secure.localhost:8090", port: 8090 });
          return answer.status === 200 ? answer : undefined;
        },
        15,
      );
      expect(seen?.workload).toBe("Server outside");
    },
  },
  {
    policy: "envoy-filter",
    does: "adds a header to a virtual host's answers",
    objects: () => [
      renderEnvoyFilter(
        {
          name: "header",
          scope,
          because: "test",
          priority: 10,
          patches: [
            {
              applyTo: "VIRTUAL_HOST",
              context: "SIDECAR_OUTBOUND",
              match: { routeConfiguration: { vhost: { name: "a.shop.svc.cluster.local:80" } } },
              operation: "MERGE",
              value: { response_headers_to_add: [{ header: { key: "x-patched", value: "yes" } }] },
            },
          ],
        },
        context,
      ),
    ],
    check: async (mesh) => {
      expect((await ask(mesh)).headers["x-patched"]).toBe("yes");
      expect((await ask(mesh, { to: "b" })).headers["x-patched"]).toBeUndefined();
    },
  },
  {
    policy: "traffic-extension",
    does: "runs Lua on requests",
    objects: () => [
      renderTrafficExtension(
        {
          name: "lua",
          scope,
          code: {
            kind: "lua",
            inlineCode: 'function envoy_on_request(handle) handle:headers():add("x-lua", "yes") end',
          },
        },
        context,
      ),
    ],
    check: async (mesh) => expect((await ask(mesh)).seen?.headers["x-lua"]).toBe("yes"),
  },
  {
    policy: "telemetry",
    does: "logs the requests that its filter takes, and no others",
    objects: () =>
      renderTelemetry(
        {
          name: "log",
          scope,
          accessLogging: [{ providers: ["file"], filter: "response.code >= 400" }],
        },
        context,
      ),
    check: async (mesh) => {
      await ask(mesh, { path: "/well" });
      await ask(mesh, { path: "/ill", headers: { "x-answer": "404" } });
      const log = await until(
        "a line",
        async () => {
          const text = readFileSync(join(mesh.folder, "client", "access.log"), "utf8");
          return text.includes("/ill") ? text : undefined;
        },
        20,
      );
      expect(log).not.toContain("/well");
    },
  },
];

/** How a machine's proxy names itself; its Sidecar keeps it from the ports of others. */
const machine = { name: "machine", namespace: "shop", labels: { app: "machine" } } as const;

/** Last: its proxy goes on until the end. */
export const registering: Row = {
  policy: "workload-group",
  does: "lets machines register by themselves",
  objects: (mesh) => {
    const address = mesh.address();
    const { labels: workloadSelector, ...place } = machine;
    const sidecar = {
      ...place,
      workloadSelector,
      egress: [{ bind: address, hosts: [sentinel, "istio-system/*"] }],
    };
    return [
      ...renderSidecar(sidecar, context),
      ...renderWorkloadGroup(
        { ...place, labels: machine.labels, template: { serviceAccount: "machine" } },
        context,
      ),
    ];
  },
  check: async (mesh) => {
    const env = { ISTIO_META_AUTO_REGISTER_GROUP: "machine" };
    const address = mesh.address();
    await mesh.addProxy({ ...machine, kind: "sidecar", address, serviceAccount: "machine", env });
    const path = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries";
    const spec = await until("an entry for the machine", async () => {
      const { items } = (await mesh.api.call("GET", path)) as { items: { spec: { address: string } }[] };
      return items.map((entry) => entry.spec).find((entry) => entry.address === address);
    });
    expect(spec).toMatchObject({ labels: machine.labels, serviceAccount: "machine" });
  },
};

let outsidePort = 0;
/** Before the first row. */
export const choosePorts = async (): Promise<void> => {
  [outsidePort = 0] = await freePorts(1);
};
