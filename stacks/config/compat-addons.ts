import { ALERTING_BY_FILES } from "../../components/addons/grafana-files";
import { SIGNING_KEY_BY_SECRET } from "../../components/addons/kiali-config";
import { addonVersions } from "../../components/addons/versions";
import { atLeast, minorOf } from "../../components/lib/versions";
import type { AddonsConfig } from "./addons-schema";
import type { Finding } from "./compat";
import { type Fault, show } from "./faults";

/** What the rules look at, beside the add-ons themselves. */
export interface AddonSurroundings {
  /** Version of Istio; undefined where there is no mesh. */
  readonly istio: string | undefined;
  readonly kubernetesVersion: string;
  /** Names of the cluster's nodes that live. */
  readonly nodes: readonly string[];
  /** Kernel parameters of the nodes: `nodes.sysctl`. */
  readonly sysctl: Readonly<Record<string, string | number>>;
  /** Whether proxies send spans: `mesh.tracing`. */
  readonly tracing: boolean;
  /** Whether the hosts share a kernel that must be left alone. */
  readonly sharedKernel: boolean;
}

const fault = (path: string, given: unknown, allowed: string, change: string): Fault => ({
  path,
  given: typeof given === "string" ? given : show(given),
  allowed,
  change,
});

type Rule = (addons: AddonsConfig, around: AddonSurroundings) => Fault[];

const meshTools = ["prometheus", "grafana", "jaeger", "kiali"] as const;

const needMesh: Rule = (addons, { istio }) =>
  istio !== undefined
    ? []
    : meshTools
        .filter((name) => addons[name] !== false)
        .map((name) =>
          fault(
            `addons.${name}`,
            "set, with mesh: false",
            "false without a mesh",
            "add a mesh, or take it out",
          ),
        );

const needPrometheus: Rule = ({ prometheus, kiali, grafana }) => {
  if (prometheus !== false) return [];
  const want = { kiali, grafana };
  return (["kiali", "grafana"] as const)
    .filter((name) => want[name] !== false)
    .map((name) =>
      fault(
        `addons.${name}`,
        "set, with addons.prometheus: false",
        "Prometheus beside it: all that it shows is asked of that",
        "write addons.prometheus: {}",
      ),
    );
};

/** Every volume with where it stands in the config. */
function volumes(addons: AddonsConfig) {
  const { prometheus, grafana, jaeger, logging } = addons;
  const found = [
    ["addons.prometheus.persistence", prometheus === false ? undefined : prometheus.persistence],
    ["addons.grafana.persistence", grafana === false ? undefined : grafana.persistence],
    ["addons.jaeger.persistence", jaeger === false ? undefined : jaeger.persistence],
    [
      "addons.logging.elasticsearch.persistence",
      logging === false ? undefined : logging.elasticsearch.persistence,
    ],
  ] as const;
  return found.flatMap(([path, persistence]) => (persistence === undefined ? [] : [{ path, persistence }]));
}

const foldersOnNodes: Rule = (addons, { nodes }) =>
  volumes(addons).flatMap(({ path, persistence }) =>
    persistence.kind !== "hostPath" || nodes.includes(persistence.node)
      ? []
      : [
          fault(
            `${path}.node`,
            persistence.node,
            `a host that is a node and lives: ${nodes.join(", ") || "there is none"}`,
            "name one of them: the pod would wait for the node for ever",
          ),
        ],
  );

const foldersOfTheirOwn: Rule = (addons) => {
  const seen = new Map<string, string>();
  return volumes(addons).flatMap(({ path, persistence }) => {
    if (persistence.kind !== "hostPath") return [];
    const place = `${persistence.node}:${persistence.path}`;
    const other = seen.get(place);
    seen.set(place, other ?? path);
    return other === undefined
      ? []
      : [
          fault(
            `${path}.path`,
            persistence.path,
            `a folder of its own; ${other} has this one`,
            "name another folder for one of the two",
          ),
        ];
  });
};

const MAPS = 262_144;

const mappedFiles: Rule = ({ logging }, { sysctl, sharedKernel }) => {
  if (logging === false || !logging.elasticsearch.mapFiles) return [];
  const path = "addons.logging.elasticsearch.mapFiles";
  if (sharedKernel)
    return [
      fault(path, true, "false on hosts that share a kernel: its limit is not ours to raise", "take it out"),
    ];
  const limit = Number(sysctl["vm.max_map_count"] ?? 0);
  return limit >= MAPS
    ? []
    : [
        fault(
          path,
          `true, with vm.max_map_count ${limit === 0 ? "as the system has it" : limit}`,
          `nodes.sysctl with vm.max_map_count ${MAPS} or more`,
          `write nodes.sysctl: { vm.max_map_count: ${MAPS} }, or take mapFiles out`,
        ),
      ];
};

const loginOfOldKiali: Rule = ({ kiali }, { istio }) => {
  if (kiali === false || istio === undefined || kiali.auth !== "token") return [];
  const version = kiali.version ?? addonVersions(istio).kiali;
  return atLeast(version, SIGNING_KEY_BY_SECRET)
    ? []
    : [
        fault(
          "addons.kiali.auth",
          `token, with Kiali ${version}`,
          `anonymous below Kiali ${SIGNING_KEY_BY_SECRET}, which takes the key of its sessions from no Secret`,
          "write auth: anonymous and do not expose it, or take a newer mesh.version",
        ),
      ];
};

/** A chart has its own pods, to which no node and no first container can be given by one way for all charts. */
const volumesOfCharts: Rule = ({ prometheus, grafana, jaeger }) => {
  const charted = { prometheus, grafana, jaeger };
  return (["prometheus", "grafana", "jaeger"] as const).flatMap((name) => {
    const addon = charted[name];
    if (addon === false || addon.source === "manifests") return [];
    const allowed = name === "jaeger" ? ["none"] : ["none", "claim"];
    const { kind } = addon.persistence;
    const faults = allowed.includes(kind)
      ? []
      : [
          fault(
            `addons.${name}.persistence`,
            kind,
            `${allowed.join(" or ")} with a chart`,
            "write source: manifests, which knows all of them",
          ),
        ];
    return addon.expose.kind === "hostNetwork"
      ? [
          ...faults,
          fault(
            `addons.${name}.expose.kind`,
            "hostNetwork",
            "another way in with a chart",
            "write source: manifests",
          ),
        ]
      : faults;
  });
};

const rules: readonly Rule[] = [
  needMesh,
  needPrometheus,
  foldersOnNodes,
  foldersOfTheirOwn,
  mappedFiles,
  loginOfOldKiali,
  volumesOfCharts,
];

/** Everything that is wrong with the add-ons, by itself and with what is around them. */
export const addonFaults = (addons: AddonsConfig, around: AddonSurroundings): Fault[] =>
  rules.flatMap((rule) => rule(addons, around));

/** Objections by version, as the other tables of versions raise them. */
export function addonVersionFindings(
  { kiali, grafana, prometheus, jaeger, logging }: AddonsConfig,
  { istio, kubernetesVersion }: AddonSurroundings,
): Finding[] {
  if (istio === undefined) return [];
  const fitting = addonVersions(istio);
  const findings: Finding[] = [];
  const own = kiali === false ? undefined : kiali.version;
  if (own !== undefined && minorOf(own) !== minorOf(fitting.kiali)) {
    findings.push({
      verdict: "untested",
      path: "addons.kiali.version",
      given: `Kiali ${own} with Istio ${istio}`,
      allowed: `Kiali ${minorOf(fitting.kiali)}, which Istio ${istio} ships with`,
      change: "leave addons.kiali.version out",
    });
  }
  const charts = { kiali, grafana, prometheus, jaeger };
  for (const [name, addon] of Object.entries(charts)) {
    if (addon === false || addon.source === "manifests" || atLeast(kubernetesVersion, "1.25")) continue;
    findings.push({
      verdict: "impossible",
      path: `addons.${name}.source`,
      given: `chart ${addon.source.chart} with Kubernetes ${kubernetesVersion}`,
      allowed: "manifests below Kubernetes 1.25, for which the present charts are not made",
      change: "write source: manifests",
    });
  }
  if (logging !== false && !atLeast(kubernetesVersion, "1.21")) {
    findings.push({
      verdict: "impossible",
      path: "addons.logging",
      given: `set, with Kubernetes ${kubernetesVersion}`,
      allowed: "Kubernetes 1.21 or later, which has daily jobs of batch/v1",
      change: "take it out, or choose a newer Kubernetes",
    });
  }
  return findings;
}

/** Sentences that are worth reading but stop nothing. */
export function addonWarnings(addons: AddonsConfig, { istio, tracing }: AddonSurroundings): string[] {
  const { grafana, alerts } = addons;
  const lost = volumes(addons)
    .filter(({ persistence }) => persistence.kind === "none")
    // Grafana's own data are in the config; only what people make beside it would be lost.
    .filter(({ path }) => !path.startsWith("addons.grafana"))
    .map(
      ({ path }) =>
        `${path} is none: every restart of that pod loses what it has kept; claim and hostPath keep it`,
    );
  const told =
    grafana !== false && alerts.receiver.kind === "none"
      ? ["addons.alerts.receiver is none: rules that speak up are seen in Grafana, but nobody is told"]
      : [];
  const version =
    grafana === false || istio === undefined ? undefined : (grafana.version ?? addonVersions(istio).grafana);
  const old =
    version !== undefined && alerts.receiver.kind !== "none" && !atLeast(version, ALERTING_BY_FILES)
      ? [
          `addons.alerts.receiver is without effect: Grafana ${version} takes rules by files from ${ALERTING_BY_FILES} on; name an Alertmanager in addons.prometheus.alertmanagers`,
        ]
      : [];
  const open =
    addons.kiali !== false &&
    addons.kiali.auth === "anonymous" &&
    addons.kiali.access === "full" &&
    addons.kiali.expose.kind !== "clusterIP"
      ? [
          "addons.kiali is exposed with full access and without a login: whoever reaches it can change the mesh",
        ]
      : [];
  const idle =
    addons.jaeger !== false && !tracing
      ? ["addons.jaeger is set, but mesh.tracing is false: no proxy sends it spans; write mesh.tracing: {}"]
      : [];
  return [...lost, ...told, ...old, ...open, ...idle];
}
