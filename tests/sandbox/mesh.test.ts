import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { meshVersions } from "../../components/sandbox/mirror/versions";
import { changes, Lab, touched, until } from "./lab";
import { Poller, tell, web } from "./poller";

/**
 * A mesh on a real cluster: Istio's own control plane and charts, a stock Envoy beside every pod, stand-ins where the
 * images of applications cannot be built. Chapters of one story, in order.
 *
 * MESH_ORDER_RUNS says how often the mesh is taken away and made anew. Once by default, a few minutes each.
 */
const lab = new Lab("mesh-test");
const orderRuns = Number(process.env.MESH_ORDER_RUNS ?? 1);
const figures: string[] = [];

const httpPort = 30080;
const prometheusPort = 30046;
const cluster = { composition: "dev", hosts: { kind: "sandbox", workers: 1 } };
const ingress = {
  name: "istio-ingressgateway",
  expose: { kind: "nodePort", nodePorts: { "status-port": 32045, http2: httpPort, https: 30443 } },
};
const mesh = { mtls: "strict", gateways: [ingress] };
const addons = {
  prometheus: {
    intervalSeconds: 5,
    expose: { kind: "nodePort", nodePorts: { http: prometheusPort } },
    persistence: { kind: "hostPath", path: "/var/lib/mesh-platform-data/prometheus", node: "worker1" },
  },
  alerts: { thresholds: { minutes: 0 } },
};
const apps = {
  bookinfo: {},
  httpbin: {},
  fortio: {},
  clients: [{}, { name: "stranger", namespace: "outside" }],
  injection: { outside: "disabled" },
};
const withMesh = (more: Record<string, unknown> = {}) =>
  lab.configure({ ...cluster, mesh, addons, apps, ...more });

const productPage = () => `http://${lab.address("worker1")}:${httpPort}/productpage`;
const lines = (...args: string[]) =>
  lab
    .kubectl(...args)
    .trim()
    .split("\n");
/** Ready and all containers of each pod; a native sidecar is an init container that goes on. */
const readiness = (namespace: string) =>
  lines("-n", namespace, "get", "pods", "--no-headers").map((line) => line.split(/\s+/)[1]);
/** What a client with curl gets: the code of the answer, 000 for none, and its body. */
function ask(client: string, namespace: string, url: string) {
  const answer = lab.kubectl(
    ...["-n", namespace, "exec", `deploy/${client}`, "-c", client, "--"],
    ...["sh", "-c", `curl -s -m 10 -w '\n%{http_code}' ${url} || true`],
  );
  const end = answer.trimEnd().lastIndexOf("\n");
  return { code: answer.trimEnd().slice(end + 1), body: answer.slice(0, end) };
}

/** The values of an instant query, by their labels. */
async function query(promql: string): Promise<{ metric: Record<string, string>; value: number }[]> {
  const url = `http://${lab.address("worker1")}:${prometheusPort}/api/v1/query?query=${encodeURIComponent(promql)}`;
  const answer = (await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** Waits for a query to have a value that fits. */
async function queried(promql: string, fits: (value: number) => boolean, seconds: number): Promise<number> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const found = (await query(promql).catch(() => [])).find(({ value }) => fits(value));
    if (found !== undefined) return found.value;
    if (Date.now() > end) throw new Error(`${promql} had no such value within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/** Every object of the rendered tree as the cluster has it, without what differs from one making to the next. */
function settled(on: Lab): Record<string, string> {
  const list = JSON.parse(on.kubectl("get", "-k", "/root/rendered/cluster", "-o", "json")) as {
    items: LiveObject[];
  };
  return Object.fromEntries(
    list.items.map((object) => {
      const { metadata, status: _, ...rest } = object;
      const { name, namespace = "", labels, annotations = {} } = metadata;
      const kept = Object.entries(annotations).filter(([key]) => !bookkeeping.test(key));
      const text = JSON.stringify(
        { labels, annotations: Object.fromEntries(kept), ...rest },
        withoutAssigned,
      );
      return [`${object.kind} ${namespace}/${name}`, text];
    }),
  );
}

interface LiveObject {
  readonly kind: string;
  readonly status?: unknown;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
}

const bookkeeping = /^(pulumi\.com|kubectl\.kubernetes\.io|deployment\.kubernetes\.io|deprecated\.daemonset)/;
/** Addresses that the cluster hands out, and the authority that istiod puts into its webhooks. */
const assigned = new Set(["clusterIP", "clusterIPs", "caBundle", "finalizers"]);
const withoutAssigned = (key: string, value: unknown) => (assigned.has(key) ? undefined : value);

const differing = (one: Record<string, string>, other: Record<string, string>) =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => one[name] !== other[name])
    .map((name) => `${name}: ${one[name]} | ${other[name]}`);

/** Names and texts of all files below a folder. */
const contentsOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, "utf8")]),
  );

afterAll(async () => {
  console.log(figures.join("\n"));
  await lab.end();
});

describe("a mesh on disposable hosts", () => {
  it("is previewed object by object before there is a cluster", async () => {
    withMesh();
    const preview = await lab.must("preview");
    const wanted = touched(preview);
    expect(wanted).toEqual(
      expect.arrayContaining([
        "istio-system/istiod",
        "virtualservices.networking.istio.io",
        "istio-system/istio-ingressgateway",
        "istio-system/prometheus",
        "bookinfo/productpage-v1",
        "bookinfo/bookinfo-gateway",
      ]),
    );
    const { "to create": created = 0 } = changes(preview);
    figures.push(`preview of a new stack: ${created} to create`);
    expect(created).toBeGreaterThan(150);
  });

  it("comes up in one run, with a proxy in every pod, and shows the book shop from outside", async () => {
    withMesh();
    const began = Date.now();
    await lab.must("up", "--yes");
    figures.push(`hosts, cluster, mesh and applications in ${Math.round((Date.now() - began) / 1000)} s`);
    expect(new Set(readiness("bookinfo"))).toEqual(new Set(["2/2"]));
    expect(readiness("bookinfo")).toHaveLength(6);
    const page = await fetch(productPage(), { signal: AbortSignal.timeout(20_000) });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("The Comedy of Errors");
  });

  it("changes nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("lets nobody in who cannot show an identity, and tells servers whose it is", () => {
    const url = "http://httpbin.httpbin:8000/headers";
    expect(ask("stranger", "outside", url).code).toBe("000");
    const known = ask("curl", "curl", url);
    expect(known.code).toBe("200");
    expect(known.body).toContain("spiffe://cluster.local/ns/curl/sa/curl");
  });

  it("is counted by Prometheus, which speaks up when requests fail and keeps what it knows", async () => {
    expect(await queried('sum(up{job="istiod"})', (value) => value === 1, 60)).toBe(1);
    expect(await queried('count(up{job="mesh-proxies"} == 1)', (value) => value >= 8, 120)).toBeGreaterThan(
      7,
    );
    const load = (path: string) =>
      lab.kubectl(
        ...["-n", "fortio", "exec", "deploy/fortio", "-c", "fortio", "--"],
        ...["fortio", "load", "-quiet", "-qps", "20", "-t", "30s", "-allow-initial-errors"],
        `http://httpbin.httpbin:8000${path}`,
      );
    const requests = 'sum(envoy_cluster_upstream_rq_total{cluster_name=~"outbound.*httpbin.*"})';
    const before = (await query(requests))[0]?.value ?? 0;
    load("/status/500");
    const after = await queried(requests, (value) => value >= before + 500, 60);
    figures.push(`requests to httpbin counted by proxies: ${before} before, ${after} after 600`);
    const firing = 'ALERTS{alertname="MeshErrorRate",alertstate="firing"}';
    await queried(firing, (value) => value === 1, 180);
    expect((await query(firing)).map(({ metric }) => metric.service)).toContain(
      "httpbin.httpbin.svc.cluster.local",
    );
    lab.kubectl("-n", "istio-system", "delete", "pod", "prometheus-0");
    lab.kubectl("-n", "istio-system", "rollout", "status", "statefulset/prometheus", "--timeout=180s");
    // Samples of before the restart, by a new process.
    expect(
      await queried(`max_over_time(${requests.slice(4, -1)}[10m:10s])`, (value) => value > 0, 60),
    ).toBeGreaterThan(0);
    const [start] = await query('process_start_time_seconds{job="prometheus"}').catch(() => []);
    figures.push(`Prometheus began anew at ${start?.value ?? "an unknown time"}, and knows what was before`);
  });

  it("moves a namespace to a new control plane beside the old one without a failed request", async () => {
    withMesh({
      mesh: {
        ...mesh,
        revisions: [{ name: "" }, { name: "next", version: meshVersions.istioNext }],
      },
    });
    await lab.must("up", "--yes");
    expect(
      lines("-n", "istio-system", "get", "deployments", "-l", "app=istiod", "-o", "name").sort(),
    ).toEqual(["deployment.apps/istiod", "deployment.apps/istiod-next"]);
    withMesh({
      mesh: {
        ...mesh,
        revisions: [{ name: "" }, { name: "next", version: meshVersions.istioNext }],
      },
      apps: { ...apps, injection: { ...apps.injection, bookinfo: { revision: "next" } } },
    });
    const poller = new Poller(web([productPage()]), 100);
    await lab.must("up", "--yes");
    const seen = await poller.stop();
    figures.push(tell("bookinfo moved to the next revision", seen));
    expect(seen.requests).toBeGreaterThan(100);
    expect(seen.failures).toBe(0);
    const images = (namespace: string) =>
      new Set(
        lab
          .kubectl(
            ...["-n", namespace, "get", "pods", "--field-selector=status.phase=Running", "-o"],
            'jsonpath={range .items[*]}{.spec.initContainers[?(@.name=="istio-proxy")].image}{"\\n"}{end}',
          )
          .trim()
          .split("\n")
          .map((image) => image.split(":").at(-1)),
      );
    expect(images("bookinfo")).toEqual(new Set([meshVersions.istioNext]));
    expect(images("httpbin")).toEqual(new Set([meshVersions.istio]));
  });

  it("is made by kubectl from the rendered tree as by `up`", async () => {
    withMesh();
    await lab.must("up", "--yes");
    const tree = join(lab.folder, "rendered");
    figures.push(lab.render(tree));
    const before = contentsOf(tree);
    lab.render(tree);
    expect(contentsOf(tree)).toEqual(before);
    cpSync(tree, lab.diskOf("cp1", "/root/rendered"), { recursive: true });
    const made = settled(lab);
    lab.configure(cluster);
    await lab.must("up", "--yes");
    const apply = "kubectl --kubeconfig /etc/kubernetes/admin.conf apply -k /root/rendered/cluster";
    // Definitions and webhooks are new in the first run, whose custom objects are refused until they are known.
    await until(() => lab.tryOnHost("cp1", apply).status === 0, 300, "a whole run of kubectl apply -k");
    for (const namespace of ["istio-system", "bookinfo", "httpbin"]) {
      lab.kubectl("-n", namespace, "wait", "--for=condition=Ready", "pods", "--all", "--timeout=300s");
    }
    const differences = differing(made, settled(lab));
    figures.push(
      `${Object.keys(made).length} objects by up and by kubectl apply -k, ${differences.length} differ`,
    );
    expect(differences).toEqual([]);
    expect(new Set(readiness("bookinfo"))).toEqual(new Set(["2/2"]));
    const files =
      "find /root/rendered/cluster/LAYER -name '*.yaml' ! -name kustomization.yaml ! -name '*flannel*'";
    for (const layer of ["30-custom", "20-objects", "00-definitions"]) {
      lab.onHost(
        "cp1",
        `${files.replace("LAYER", layer)} | xargs -r -n 200 sh -c 'for f; do set -- "$@" -f "$f"; shift; done; exec kubectl --kubeconfig /etc/kubernetes/admin.conf delete --ignore-not-found --wait "$@"' _`,
      );
    }
  });

  it("can be taken away and made anew, in the right order every time", async () => {
    // What could come too early: rules before their definitions and webhooks, pods before what injects their proxies.
    const anew = { ...cluster, mesh, apps: { httpbin: {} } };
    for (let run = 1; run <= orderRuns; run++) {
      lab.configure(cluster);
      await lab.must("up", "--yes");
      expect(lab.kubectl("get", "crds", "-o", "name")).not.toContain("istio.io");
      lab.configure(anew);
      const began = Date.now();
      await lab.must("up", "--yes");
      figures.push(`mesh made anew, run ${run}: ${Math.round((Date.now() - began) / 1000)} s`);
      await until(() => readiness("httpbin").every((ready) => ready === "2/2"), 60, "a proxy in every pod");
    }
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
