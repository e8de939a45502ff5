import { afterAll, describe, expect, it } from "vitest";
import { changes, touched } from "./lab";
import { MeshLab, prometheusPort } from "./mesh-lab";

/**
 * A mesh on a real cluster: Istio's own control plane and charts, a stock Envoy beside every pod, stand-ins where the
 * images of applications cannot be built. Chapters of one story, in order.
 */
const lab = new MeshLab("mesh-test");
const figures: string[] = [];

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

afterAll(async () => {
  console.log(figures.join("\n"));
  await lab.end();
});

describe("a mesh on disposable hosts", () => {
  it("is previewed object by object before there is a cluster", async () => {
    lab.withMesh();
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
    lab.withMesh();
    const began = Date.now();
    await lab.must("up", "--yes");
    figures.push(`hosts, cluster, mesh and applications in ${Math.round((Date.now() - began) / 1000)} s`);
    expect(new Set(lab.readiness("bookinfo"))).toEqual(new Set(["2/2"]));
    expect(lab.readiness("bookinfo")).toHaveLength(6);
    const page = await fetch(lab.productPage, { signal: AbortSignal.timeout(20_000) });
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

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
