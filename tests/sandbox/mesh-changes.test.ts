import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { meshVersions } from "../../components/sandbox/mirror/versions";
import { type Lab, until } from "./lab";
import { apps, cluster, MeshLab, mesh } from "./mesh-lab";
import { Poller, tell, web } from "./poller";

/**
 * What happens to a mesh later: another version beside the first, the same by kubectl from files, and made anew.
 *
 * MESH_ORDER_RUNS says how often it is taken away and made anew. Once by default, a few minutes each.
 */
const lab = new MeshLab("mesh-changes");
const orderRuns = Number(process.env.MESH_ORDER_RUNS ?? 1);
const figures: string[] = [];

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

describe("a mesh that stays", () => {
  it("comes up", async () => {
    lab.withMesh();
    await lab.must("up", "--yes");
    expect(new Set(lab.readiness("bookinfo"))).toEqual(new Set(["2/2"]));
  });

  it("moves a namespace to a new control plane beside the old one without a failed request", async () => {
    const both = { ...mesh, revisions: [{ name: "" }, { name: "next", version: meshVersions.istioNext }] };
    lab.withMesh({ mesh: both });
    await lab.must("up", "--yes");
    expect(
      lab.lines("-n", "istio-system", "get", "deployments", "-l", "app=istiod", "-o", "name").sort(),
    ).toEqual(["deployment.apps/istiod", "deployment.apps/istiod-next"]);
    const moved = { ...apps.injection, bookinfo: { revision: "next" } };
    lab.withMesh({ mesh: both, apps: { ...apps, injection: moved } });
    const poller = new Poller(web([lab.productPage]), 100);
    await lab.must("up", "--yes");
    const seen = await poller.stop();
    figures.push(tell("bookinfo moved to the next revision", seen));
    expect(seen.requests).toBeGreaterThan(100);
    expect(seen.failures).toBe(0);
    const images = (namespace: string) =>
      new Set(
        lab
          .lines(
            ...["-n", namespace, "get", "pods", "--field-selector=status.phase=Running", "-o"],
            'jsonpath={range .items[*]}{.spec.initContainers[?(@.name=="istio-proxy")].image}{"\\n"}{end}',
          )
          .map((image) => image.split(":").at(-1)),
      );
    expect(images("bookinfo")).toEqual(new Set([meshVersions.istioNext]));
    expect(images("httpbin")).toEqual(new Set([meshVersions.istio]));
  });

  it("is made by kubectl from the rendered tree as by `up`", async () => {
    lab.withMesh();
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
    expect(new Set(lab.readiness("bookinfo"))).toEqual(new Set(["2/2"]));
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
      await until(
        () => lab.readiness("httpbin").every((ready) => ready === "2/2"),
        60,
        "a proxy in every pod",
      );
    }
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
