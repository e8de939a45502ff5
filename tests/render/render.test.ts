/** What becomes of a plan: objects in layers, Secrets by reference, steps in their order. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderCluster, renderSecrets } from "../../scripts/lib/render/cluster";
import { inOrder, renderNodes } from "../../scripts/lib/render/nodes";
import { objectsOf } from "../../scripts/lib/render/objects";
import { type Planned, readPreview, SECRET, UNKNOWN } from "../../scripts/lib/render/plan";

const planned = (
  type: string,
  name: string,
  inputs: object,
  dependencies: readonly string[] = [],
): Planned => ({
  urn: `urn:pulumi:dev::mesh-platform::${type}::${name}`,
  type,
  name,
  parent: "",
  inputs: inputs as Planned["inputs"],
  dependencies: dependencies.map((each) => `urn:pulumi:dev::mesh-platform::command:remote:Command::${each}`),
});
const kube = (apiVersion: string, kind: string, metadata: object, more: object = {}, suffix = "") => {
  const token = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}${suffix}`;
  return planned(token, JSON.stringify(metadata), { apiVersion, kind, metadata, ...more });
};
const secret = kube(
  "v1",
  "Secret",
  { name: "keys", namespace: "shop", labels: { a: "b" } },
  {
    type: "kubernetes.io/tls",
    data: { "tls.key": SECRET, "tls.crt": UNKNOWN },
  },
);
const plan = [
  kube("networking.istio.io/v1", "VirtualService", { name: "cart", namespace: "shop" }),
  kube("apps/v1", "Deployment", {
    name: "cart",
    namespace: "shop",
    annotations: { "pulumi.com/waitFor": "condition=Ready", mine: "on" },
  }),
  kube("rbac.authorization.k8s.io/v1", "ClusterRole", {
    name: "system:cart",
    annotations: { "pulumi.com/skipAwait": "true" },
  }),
  kube("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
    name: "virtualservices.networking.istio.io",
  }),
  kube("v1", "Namespace", { name: "shop" }),
  kube(
    "apps/v1",
    "Deployment",
    { name: "coredns", namespace: "kube-system" },
    { spec: { replicas: 2 } },
    "Patch",
  ),
  secret,
];

describe("rendered objects", () => {
  it("are in layers, named by kind, group, namespace and name, in any order of the plan", () => {
    const files = renderCluster(objectsOf(plan));
    expect(Object.keys(files).sort()).toEqual([
      "cluster/00-definitions/customresourcedefinition.apiextensions.k8s.io_virtualservices.networking.istio.io.yaml",
      "cluster/00-definitions/kustomization.yaml",
      "cluster/00-definitions/namespace_shop.yaml",
      "cluster/10-patches/deployment.apps_kube-system_coredns.yaml",
      "cluster/10-patches/kustomization.yaml",
      "cluster/20-objects/clusterrole.rbac.authorization.k8s.io_system-cart.yaml",
      "cluster/20-objects/deployment.apps_shop_cart.yaml",
      "cluster/20-objects/kustomization.yaml",
      "cluster/30-custom/kustomization.yaml",
      "cluster/30-custom/virtualservice.networking.istio.io_shop_cart.yaml",
      "cluster/kustomization.yaml",
      "secrets.md",
    ]);
    expect(renderCluster(objectsOf([...plan].reverse()))).toEqual(files);
    expect(parse(files["cluster/kustomization.yaml"] ?? "").resources).toEqual([
      "00-definitions",
      "20-objects",
      "30-custom",
    ]);
  });

  it("keep what is theirs, without instructions to Pulumi, and quoted for every reader of YAML", () => {
    const files = renderCluster(objectsOf(plan));
    expect(files["cluster/20-objects/deployment.apps_shop_cart.yaml"]).toBe(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\n  namespace: shop\n  annotations:\n    mine: "on"\n',
    );
    expect(
      parse(files["cluster/20-objects/clusterrole.rbac.authorization.k8s.io_system-cart.yaml"] ?? "")
        .metadata,
    ).toEqual({ name: "system:cart" });
  });

  it("are merged and never pruned where the object is someone else's", () => {
    const files = renderCluster(objectsOf(plan));
    expect(parse(files["cluster/10-patches/deployment.apps_kube-system_coredns.yaml"] ?? "")).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name: "coredns",
        namespace: "kube-system",
        annotations: {
          "argocd.argoproj.io/sync-options": "ServerSideApply=true,Validate=false,Prune=false",
          "kustomize.toolkit.fluxcd.io/prune": "disabled",
          "kustomize.toolkit.fluxcd.io/ssa": "Merge",
        },
      },
      spec: { replicas: 2 },
    });
  });

  it("leave Secrets to others, and say how to make them", () => {
    const text = renderSecrets(objectsOf(plan).secrets);
    expect(text).toContain("## shop/keys");
    expect(text).toContain("- keys: `tls.crt`, `tls.key`");
    expect(text).toContain(
      "kubectl -n shop create secret generic keys --type='kubernetes.io/tls' --from-file='tls.crt=FILE' --from-file='tls.key=FILE'",
    );
    expect(text).toContain("kubectl -n shop label secret keys 'a=b'");
    expect(renderSecrets([])).toContain("None are needed.");
  });

  it("must be known: every value that is not is named at once", () => {
    const bad = [
      kube("v1", "ConfigMap", { name: "map", namespace: "shop" }, { data: { a: UNKNOWN, b: "fine" } }),
      kube("v1", "Pod", { name: "pod" }, { spec: { containers: [{ env: SECRET }] } }),
      kube("v1", "Secret", { name: UNKNOWN }, { data: UNKNOWN }),
      planned("kubernetes:helm.sh/v3:Release", "istio", { chart: "istiod" }),
    ];
    expect(() => objectsOf([...plan, ...bad])).toThrow(
      [
        "What has no plain value before `up` cannot be rendered:",
        "  ConfigMap shop/map: data.a is not known",
        "  Pod pod: spec.containers[0].env is secret",
        "  Secret (name not known): metadata.name is not known",
        "  kubernetes:helm.sh/v3:Release istio is no object: it is rendered by its provider alone",
        "Give a plain value, or put it into a Secret that the object names.",
      ].join("\n"),
    );
  });
});

describe("rendered steps", () => {
  const step = (name: string, stdin: string, after: readonly string[] = [], more: object = {}) =>
    planned("command:remote:Command", name, { stdin, ...more }, after);
  const steps = [
    step("cp1-zeta", "echo zeta\n", ["cp1-keys"]),
    step("cp1-keys", UNKNOWN, ["cp1-facts"]),
    step("etcd-members", "echo members\n", ["cp1-zeta"]),
    step("cp1-facts", "echo facts\n"),
    step("cp1-b-facts", "echo other\n"),
    step("cp1-b-last", SECRET, ["cp1-b-facts"], { delete: "undo" }),
    planned("command:local:Command", "kubeconfig", { stdin: "echo here\n" }),
  ];

  it("are numbered in the order in which they run, with their text where it is known", () => {
    const files = renderNodes(steps);
    expect(Object.keys(files).sort()).toEqual([
      "nodes/all/01-etcd-members.sh",
      "nodes/all/README.md",
      "nodes/cp1-b/01-facts.sh",
      "nodes/cp1-b/README.md",
      "nodes/cp1/01-facts.sh",
      "nodes/cp1/03-zeta.sh",
      "nodes/cp1/README.md",
    ]);
    expect(files["nodes/cp1/03-zeta.sh"]).toBe("echo zeta\n");
    expect(files["nodes/cp1/README.md"]).toContain("| 2 | cp1-keys | no | cp1-facts | its text has keys");
    expect(files["nodes/cp1-b/README.md"]).toContain(
      "| 2 | cp1-b-last | yes | cp1-b-facts | its text has keys",
    );
    expect(renderNodes([...steps].reverse())).toEqual(files);
  });

  it("come after what they wait for", () => {
    const names = inOrder(steps).map(({ name }) => name);
    expect(names.indexOf("cp1-zeta")).toBeGreaterThan(names.indexOf("cp1-keys"));
  });
});

describe("a preview", () => {
  it("is read into resources with names that may have colons in them", () => {
    const urn = "urn:pulumi:dev::mesh-platform::a:b:C$kubernetes:core/v1:ConfigMap::shop/a::b";
    const newState = { type: "kubernetes:core/v1:ConfigMap", inputs: { kind: "ConfigMap" } };
    expect(
      readPreview(
        JSON.stringify({
          steps: [
            { urn, newState },
            { urn, op: "delete" },
          ],
        }),
      ),
    ).toEqual([{ urn, name: "shop/a::b", parent: "", dependencies: [], ...newState }]);
  });
});
