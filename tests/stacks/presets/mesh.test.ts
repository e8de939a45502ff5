import { describe, expect, it } from "vitest";
import { renderIstioOperator } from "../../../components/mesh/istio-operator";
import { mesh as meshSchema } from "../../../stacks/config/mesh-schema";
import { resolveMesh } from "../../../stacks/mesh-settings";
import { type PresetName, presets } from "../../../stacks/presets/presets";
import { hostKey, recordPlatform } from "../../support/platforms";
import { input as inputAt, type Registration } from "../../support/recording";
import { type Deviations, differences, documents, type Said } from "./documents";

const names = Object.keys(presets) as PresetName[];

/** A field by its path with dots. */
const input = (resource: Registration, path: string) => inputAt(resource, ...path.split("."));

/** Hosts are no part of a preset; a label of one of them is what document 003 asks for. */
const hostsOf = (name: PresetName) => ({
  kind: "inventory",
  members: presets[name].hosts.map((host) => ({
    ...host,
    labels: host.roles.includes("worker") ? { "istio-nginx": "true" } : {},
    hostKey: hostKey(host.name),
  })),
});

const recordPreset = (preset: PresetName, more: object = {}) =>
  recordPlatform({ preset, hosts: hostsOf(preset), ...more });

type Recorded = Awaited<ReturnType<typeof recordPreset>>;

interface Port {
  readonly port: number;
  readonly nodePort?: number;
  readonly name: string;
}
interface Service {
  readonly type?: string;
  readonly ports: readonly Port[];
}

/** Type and ports as kubectl prints them. */
const printed = ({ type = "ClusterIP", ports }: Service) =>
  `${type} ${ports.map(({ port, nodePort }) => (nodePort === undefined ? port : `${port}:${nodePort}`)).join(",")}`;

const ofKind = (recording: Recorded, kind: string) =>
  recording.resources.filter(({ type }) => type.startsWith("kubernetes:") && type.endsWith(`:${kind}`));

/** Objects of one kind, each as a pair of what it is called and what is said of it. */
const told = (
  recording: Recorded,
  kind: string,
  say: (resource: Registration) => readonly (readonly [string, unknown])[],
) => ofKind(recording, kind).flatMap(say);

const nameIn = (resource: Registration) => String(input(resource, "metadata.name"));

/** The gateways that istioctl makes; their Services are no resources. */
function operatorGateways(name: PresetName): Said {
  const mesh = meshSchema.parse(presets[name].config.mesh);
  if (mesh === false) throw new Error("a mesh was meant");
  const { spec } = renderIstioOperator(resolveMesh(mesh, { dnsDomain: "cluster.local" })) as {
    spec: {
      tag: string;
      profile: string;
      components: Record<string, readonly { name: string; k8s: { service: Service } }[]>;
    };
  };
  const { ingressGateways = [], egressGateways = [] } = spec.components;
  const services = [...ingressGateways, ...egressGateways].flatMap(({ name: gateway, k8s: { service } }) => [
    [`service ${gateway}`, printed(service)],
    ...service.ports.map(({ name: port, port: number, nodePort }) => [
      `service ${gateway} ${port}`,
      `${number}:${nodePort}`,
    ]),
  ]);
  return { istio: spec.tag, profile: spec.profile, ...Object.fromEntries(services) };
}

const upstreams = (config: string) =>
  [...config.matchAll(/upstream (\S+) \{\s+server (\S+);[\s\S]*?server_name (\S+);/g)].map(
    ([, upstream, target, host]) => [`edge ${host}`, `${upstream} ${target}`] as const,
  );

/** Everything that the cluster will run, in the words of the documents. */
function renderedOf(name: PresetName, recording: Recorded): Said {
  const pairs = [
    ...told(recording, "Service", (one) => [
      [`service ${nameIn(one)}`, printed(input(one, "spec") as never)],
    ]),
    ...told(recording, "Ingress", (one) => {
      const service = "spec.rules.0.http.paths.0.backend.service";
      const target = `${input(one, `${service}.name`)}:${input(one, `${service}.port.number`)}`;
      return [[`ingress ${nameIn(one)}`, `${input(one, "spec.rules.0.host")} to ${target}`]];
    }),
    ...told(recording, "Gateway", (one) => [
      [
        `gateway ${one.name}`,
        `${input(one, "spec.servers.0.hosts.0")}:${input(one, "spec.servers.0.port.number")}`,
      ],
    ]),
    ...told(recording, "VirtualService", (one) => {
      const to = "spec.http.0.route.0.destination";
      return [[`route ${one.name}`, `${input(one, `${to}.host`)}:${input(one, `${to}.port.number`)}`]];
    }),
    ...[...ofKind(recording, "Namespace"), ...ofKind(recording, "NamespacePatch")].map(
      (one) => [`injection ${nameIn(one)}`, input(one, "metadata.labels.istio-injection")] as const,
    ),
    ...told(recording, "Deployment", (one) => {
      const pod = "spec.template.spec";
      const edge = [
        ["edge image", input(one, `${pod}.containers.0.image`)],
        ["edge hostNetwork", input(one, `${pod}.hostNetwork`)],
        ["edge node", JSON.stringify(input(one, `${pod}.nodeSelector`))],
        ["edge strategy", input(one, "spec.strategy.type")],
      ] as const;
      const label = input(one, "spec.template.metadata.labels.app");
      return nameIn(one) === "nginx-istio" ? edge : [[`workload ${one.name}`, label]];
    }),
    ...told(recording, "ConfigMap", (one) =>
      nameIn(one) === "nginx-istio"
        ? upstreams(Object.values(input(one, "data") as Record<string, string>).join("\n"))
        : [],
    ),
  ];
  return { ...Object.fromEntries(pairs), ...operatorGateways(name) };
}

/** Nothing but its node ports is used of it there. */
const neverAssigned = (said: string) => ({
  ours: said.replace("LoadBalancer", "NodePort"),
  why: "on bare hosts a load balancer stays pending, and all that is used of it are its node ports",
});
const byName = (upstream: string) => ({
  ours: `${upstream} istio-ingressgateway.istio-system.svc.cluster.local:80`,
  why: "the cluster chooses the address of a Service; the document could look it up",
});

const deviations: Readonly<Record<PresetName, Deviations>> = {
  seed000: {
    "service istio-ingressgateway": neverAssigned(documents.seed000.mesh["service istio-ingressgateway"]),
    "service kiali": {
      ours: "NodePort 20001:30201,9090",
      why: "the document leaves the port of its metrics to the cluster, which had chosen 31946",
    },
  },
  seed001: {},
  seed002: {
    "service istio-egressgateway": {
      ours: "ClusterIP 15021,80,443",
      why: "the port of its readiness in place of one towards other clusters, of which there are none",
    },
    "service istio-ingressgateway": neverAssigned(documents.seed002.mesh["service istio-ingressgateway"]),
  },
  seed003: {
    "edge tomcat.istio-demo.com": byName("tomcat-istiodemo"),
    "edge bookinfo.luffy.com": byName("bookinfo-productpage"),
  },
};

describe.each(names)("the mesh of %s", (name) => {
  it("has the values of the document, and says why where it has another", async () => {
    const recording = await recordPreset(name);
    expect(differences(documents[name].mesh, renderedOf(name, recording), deviations[name])).toEqual([]);
    // By the program of that time, and without a chart that would have to be fetched for a preview.
    expect(recording.names()).toContain("istio");
  });

  it("is left out with all that stands on it by `mesh: false`", async () => {
    const recording = await recordPreset(name, { mesh: false });
    expect(ofKind(recording, "Gateway")).toEqual([]);
    expect(recording.names().filter((one) => /istio|grafana|bookinfo/.test(one))).toEqual([]);
  });
});

describe("a stack with a preset", () => {
  it("can turn one application off, and keep the rest", async () => {
    const recording = await recordPreset("seed003", { apps: { billDemo: false }, gateways: { edge: false } });
    const names = recording.names();
    expect(names).toContain("bookinfo/productpage-v1");
    expect(names.filter((one) => /^istio-demo\/|nginx-istio/.test(one))).toEqual([]);
  });
});
