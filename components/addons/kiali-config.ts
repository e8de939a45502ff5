import { stringify } from "yaml";
import { atLeast } from "../lib/versions";
import type { PolicyRule } from "./account";
import { meshService, meshWorkload } from "./dashboards/traffic";

/** How something that Kiali links to is reached from inside and, where it is, from outside. */
export interface LinkedService {
  readonly insideUrl: string;
  /** Address for people's browsers. Default: no links. */
  readonly outsideUrl?: string | undefined;
}

export interface KialiConfigArgs {
  /** Version of Kiali. */
  readonly version: string;
  /** Namespace of istiod; also the mesh's root namespace. */
  readonly meshNamespace: string;
  /** `anonymous`: whoever reaches it sees, and may change, what it may. `token`: people log in as a ServiceAccount. */
  readonly auth: "anonymous" | "token";
  /** `readOnly`: it shows. `full`: its wizards write Istio's objects. */
  readonly access: "readOnly" | "full";
  readonly prometheusUrl: string;
  readonly grafana?: LinkedService | undefined;
  readonly tracing?: LinkedService | undefined;
}

export const kialiPath = "/kiali";

/** From here on these are called so; before, `in_cluster_url` and `url`. */
const NEW_WORDS = "2.0";
/** From here on the port for metrics is set in a section of its own. */
const OBSERVABILITY = "1.78";
/** From here on the signing key is read from a Secret. */
export const SIGNING_KEY_BY_SECRET = "1.36";

const linked = (version: string, { insideUrl, outsideUrl }: LinkedService) => {
  const [inside, outside] = atLeast(version, NEW_WORDS)
    ? ["internal_url", "external_url"]
    : ["in_cluster_url", "url"];
  return { [inside]: insideUrl, ...(outsideUrl === undefined ? {} : { [outside]: outsideUrl }) };
};

/** Kiali's config; the sections are those of its chart's values too. */
export function kialiConfig(args: KialiConfigArgs) {
  const { version, meshNamespace, grafana, tracing } = args;
  return {
    auth: { strategy: args.auth },
    deployment: {
      ...(atLeast(version, NEW_WORDS) ? { cluster_wide_access: true } : { accessible_namespaces: ["**"] }),
      instance_name: "kiali",
      namespace: meshNamespace,
      view_only_mode: args.access === "readOnly",
    },
    external_services: {
      custom_dashboards: { enabled: true },
      istio: { root_namespace: meshNamespace },
      prometheus: { url: args.prometheusUrl },
      grafana:
        grafana === undefined
          ? { enabled: false }
          : {
              enabled: true,
              ...linked(version, grafana),
              // By title: Kiali looks them up in Grafana and fills in what its page is about.
              dashboards: [
                { name: meshService.title, variables: { service: "var-service" } },
                {
                  name: meshWorkload.title,
                  variables: { namespace: "var-namespace", workload: "var-workload" },
                },
              ],
            },
      tracing:
        tracing === undefined
          ? { enabled: false }
          : { enabled: true, ...linked(version, tracing), use_grpc: false },
    },
    ...(atLeast(version, NEW_WORDS) ? {} : { istio_namespace: meshNamespace }),
    server: {
      port: 20001,
      web_root: kialiPath,
      ...(atLeast(version, OBSERVABILITY)
        ? { observability: { metrics: { enabled: true, port: 9090 } } }
        : { metrics_enabled: true, metrics_port: 9090 }),
    },
  };
}

export const renderKialiConfig = (args: KialiConfigArgs): string =>
  stringify(kialiConfig(args), { lineWidth: 0 });

const look = ["get", "list", "watch"];
const write = ["create", "delete", "patch"];

/** What Kiali may do. It writes with its own account, whoever clicked, unless people log in. */
export function kialiPolicies(access: KialiConfigArgs["access"]): PolicyRule[] {
  const full = access === "full";
  const looking = (apiGroups: string[], resources: string[], patches: boolean): PolicyRule => ({
    apiGroups,
    resources,
    verbs: [...look, ...(full && patches ? ["patch"] : [])],
  });
  return [
    looking([""], ["configmaps", "endpoints", "pods/log"], false),
    looking([""], ["namespaces", "pods", "replicationcontrollers", "services"], true),
    looking(["apps"], ["daemonsets", "deployments", "replicasets", "statefulsets"], true),
    looking(["batch"], ["cronjobs", "jobs"], true),
    {
      apiGroups: [
        "networking.istio.io",
        "security.istio.io",
        "extensions.istio.io",
        "telemetry.istio.io",
        "gateway.networking.k8s.io",
      ],
      resources: ["*"],
      verbs: [...look, ...(full ? write : [])],
    },
    // It asks istiod and proxies for what they have, through a tunnel of the API server.
    { apiGroups: [""], resources: ["pods/portforward"], verbs: ["create"] },
    { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
    looking(["admissionregistration.k8s.io"], ["mutatingwebhookconfigurations"], false),
  ];
}
