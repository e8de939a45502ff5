import type { Check } from "../../lib/findings";
import { isExternal } from "../../lib/object-index";
import { injectorsOf } from "../../mesh/injection-objects";
import { alphaAnnotations } from "./alpha-annotations";
import { kindCheck, listed, note, type TrafficDraft } from "./define";
import { rootOf, specOf } from "./field";
import { requestAuthenticationKind } from "./kinds";
import { meshSettings } from "./mesh";
import { isAddress } from "./notes";

/** Registries that Istio has by itself: the cluster, and what ServiceEntries add. */
const registries = ["Kubernetes", "Mock", "External"];

const knownRegistries = kindCheck(["IST0126"], ["ConfigMap"], (object, index) => {
  if (rootOf(object, "data").at("meshNetworks").text() === undefined) return [];
  const clusters = index
    .ofKind("Secret")
    .filter(({ metadata }) => metadata.labels?.["istio/multiCluster"] === "true")
    .flatMap((secret) => rootOf(secret, secret.stringData === undefined ? "data" : "stringData").keys());
  return meshSettings(index)
    .registries.filter(({ registry }) => ![...registries, ...clusters].includes(registry))
    .map(({ network, registry }) =>
      note(
        "IST0126",
        "data.meshNetworks",
        `the network ${network} takes endpoints from the registry ${registry}, which no cluster has`,
        clusters.length > 0
          ? `write ${listed(clusters)}`
          : "add the Secret of that cluster, or write Kubernetes",
      ),
    );
});

const webhookNames = {
  ValidatingWebhookConfiguration: /^(istiod-default-validator|istio-validator)/,
  MutatingWebhookConfiguration: /^istio-sidecar-injector/,
} as const;

/** Where the API server asks Istio, if that is outside the cluster. */
const reachableWebhooks = kindCheck(
  ["IST0163", "IST0164"],
  Object.keys(webhookNames).map((kind) => `admissionregistration.k8s.io/${kind}`),
  (object) => {
    if (
      isExternal(object) ||
      !webhookNames[object.kind as keyof typeof webhookNames].test(object.metadata.name)
    )
      return [];
    return rootOf(object, "webhooks")
      .items()
      .flatMap((webhook): TrafficDraft[] => {
        const config = webhook.at("clientConfig");
        const url = config.at("url").text();
        if (url === undefined) {
          return config.at("service").given
            ? []
            : [
                note(
                  "IST0163",
                  webhook,
                  "neither a URL nor a Service: the API server can ask nobody",
                  "add clientConfig.service, or a url",
                ),
              ];
        }
        const host = /^[a-z]+:\/\/(\[[^\]]+\]|[^/:]+)/i.exec(url)?.[1]?.replace(/[[\]]/g, "");
        if (host === undefined)
          return [
            note(
              "IST0163",
              config.at("url"),
              `${url || "nothing"} is no URL`,
              "write https://HOST:PORT/PATH",
            ),
          ];
        return isAddress(host)
          ? [
              note(
                "IST0164",
                config.at("url"),
                `${host} is an address: certificates are for names`,
                "write a host name",
              ),
            ]
          : [];
      });
  },
);

/** Whoever may write a RequestAuthentication makes istiod ask any address of the network. */
const fencedKeys = kindCheck(["IST0175"], ["apps/Deployment"], (deployment, index) => {
  const policies = index.ofKind(requestAuthenticationKind).length;
  if (deployment.metadata.labels?.app !== "istiod" || policies === 0) return [];
  const containers = specOf(deployment).at("template", "spec", "containers");
  const fenced = containers
    .items()
    .flatMap((container) => container.at("env").items())
    .some(
      (env) =>
        env.at("name").text() === "BLOCKED_CIDRS_IN_JWKS_URIS" &&
        env.at("value").given &&
        env.at("value").value !== "",
    );
  if (fenced) return [];
  return [
    note(
      "IST0175",
      containers,
      `${policies} RequestAuthentication tell istiod where to fetch keys, and it asks any address, also those of the cluster`,
      "set pilot.env.BLOCKED_CIDRS_IN_JWKS_URIS to the ranges that it must not ask",
    ),
  ];
});

/** A namespace without a label, where the chart injects everywhere. */
const injectedByDefault = kindCheck(["IST0148"], ["Namespace"], (namespace, index) => {
  const labels = namespace.metadata.labels ?? {};
  const told = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"].some(
    (label) => label in labels,
  );
  const system = ["istio-system", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"];
  if (told || system.includes(namespace.metadata.name)) return [];
  const every = injectorsOf(index)?.some(({ everyNamespace }) => everyNamespace) ?? false;
  if (!every) return [];
  return [
    note(
      "IST0148",
      "metadata.labels",
      "it is injected since the chart says enableNamespacesByDefault",
      "nothing; or label it istio-injection=enabled to say so here",
    ),
  ];
});

/** Annotations that may go or change with any release. */
const settledAnnotations = kindCheck(
  ["IST0136"],
  ["Namespace", "Service", "Pod", "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"],
  (object) => {
    const places = [
      rootOf(object, "metadata").at("annotations"),
      specOf(object).at("template", "metadata", "annotations"),
    ];
    return places.flatMap((annotations) =>
      annotations
        .entries()
        .filter(([name]) => alphaAnnotations.has(name))
        .map(([name, at]) =>
          note(
            "IST0136",
            at,
            `${name} is alpha: it may go or change with any release of Istio`,
            "nothing, if it is needed; look at it before each upgrade",
          ),
        ),
    );
  },
);

export const controlPlaneChecks: readonly Check[] = [
  knownRegistries,
  reachableWebhooks,
  fencedKeys,
  injectedByDefault,
  settledAnnotations,
];
