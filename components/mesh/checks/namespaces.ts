import { entryAt, type Labels, mapAt, titleFor } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import { injectLabel, namesOf } from "../injection";
import { injectorsOf } from "../injection-objects";
import { dataplaneModeLabel, injectionLabel, isNeverInjected, revisionLabel } from "../namespace";
import { kindCheck, type MeshDraft } from "./define";

const labelPath = (label: string) => `metadata.labels.${label}`;

/** `istio-injection=enabled`: those labels of a namespace that speak of injection and are there. */
const spoken = (labels: Labels, names: readonly string[]) =>
  names.filter((name) => labels[name] !== undefined).map((name) => `${name}=${labels[name]}`);

/** With istio-injection beside it, a revision is not even looked at; with `disabled` that may be meant, so Istio lets it pass. */
export const oneInjectionLabel = kindCheck(["IST0123"], ["Namespace"], (namespace) => {
  const labels = mapAt(namespace, "metadata.labels");
  const legacy = labels[injectionLabel];
  const others = legacy === undefined || legacy === "enabled" ? [revisionLabel, dataplaneModeLabel] : [];
  const found = spoken(labels, [injectionLabel, ...others]).filter(
    (text) => text !== `${dataplaneModeLabel}=none`,
  );
  if (found.length < 2) return [];
  const winner =
    legacy === undefined ? "pods get a sidecar and ztunnel is left out" : `${injectionLabel} decides alone`;
  return [
    {
      code: "IST0123",
      path: "metadata.labels",
      message: `${found.join(" and ")} stand together: ${winner}, the rest is without effect`,
      change: "keep one of them",
    },
  ];
});

const meanings: Readonly<Record<string, readonly string[]>> = {
  [injectionLabel]: ["enabled", "disabled"],
  [dataplaneModeLabel]: ["ambient", "none"],
};

/** `istio-injection: "true"` is the usual slip; it switches injection off. */
export const meaningfulLabel = kindCheck(["MP0106"], ["Namespace"], (namespace) =>
  Object.entries(meanings).flatMap(([label, allowed]): MeshDraft[] => {
    const value = entryAt(namespace, "metadata.labels", label);
    if (value === undefined || allowed.includes(value)) return [];
    return [
      {
        code: "MP0106",
        path: labelPath(label),
        message: `${label}=${value} switches nothing on: Istio knows ${allowed.join(" and ")}`,
        change: `write ${label}=${allowed[0]}, or take the label away`,
      },
    ];
  }),
);

/** A label on the namespace that is read only on pods. */
export const podLabelOnNamespace = kindCheck(["MP0103"], ["Namespace"], (namespace) => {
  const value = entryAt(namespace, "metadata.labels", injectLabel);
  if (value === undefined) return [];
  const wanted = value === "true" ? "enabled" : "disabled";
  return [
    {
      code: "MP0103",
      path: labelPath(injectLabel),
      message: `${injectLabel}=${value} is read on pods; on a namespace it does nothing`,
      change: `write ${injectionLabel}=${wanted}`,
    },
  ];
});

/** The names that control planes answer to, or undefined where none is declared. */
export function knownRevisions(index: ObjectIndex): readonly string[] | undefined {
  const injectors = injectorsOf(index);
  return injectors && [...new Set(injectors.flatMap(namesOf))].sort();
}

/** Nobody answers for such a revision: pods start without a sidecar, and nothing says so. */
export const knownRevision = kindCheck(["MP0102"], ["Namespace"], (namespace, index) => {
  const labels = mapAt(namespace, "metadata.labels");
  const known = knownRevisions(index);
  const legacy = labels[injectionLabel];
  if (known === undefined) return [];
  const missing = (label: string, wanted: string): MeshDraft => ({
    code: "MP0102",
    path: labelPath(label),
    message: `no control plane has the revision or tag ${wanted}; there are ${known.join(", ")}. Pods would start without a sidecar`,
    change: `name one of ${known.join(", ")}, or give a control plane the tag ${wanted}`,
  });
  if (legacy === "enabled") return known.includes("default") ? [] : [missing(injectionLabel, "default")];
  const revision = legacy === undefined ? labels[revisionLabel] : undefined;
  return revision === undefined || known.includes(revision) ? [] : [missing(revisionLabel, revision)];
});

/** Kinds that only proxies carry out, so that they do nothing beside pods without one. */
const proxyPolicies = [
  "networking.istio.io/Sidecar",
  "networking.istio.io/EnvoyFilter",
  "security.istio.io/PeerAuthentication",
  "security.istio.io/RequestAuthentication",
  "security.istio.io/AuthorizationPolicy",
];

const controlPlaneNamespace = "istio-system";

/** Only namespaces that this program makes: of others it does not see all labels. */
export const undecidedNamespace = kindCheck(["IST0102", "MP0111"], ["Namespace"], (namespace, index) => {
  const { name } = namespace.metadata;
  const labels = mapAt(namespace, "metadata.labels");
  if (!index.owns(name) || name === controlPlaneNamespace || isNeverInjected(name)) return [];
  if (injectorsOf(index)?.some(({ everyNamespace }) => everyNamespace)) return [];
  if (spoken(labels, [injectionLabel, revisionLabel, dataplaneModeLabel]).length > 0) return [];
  const policies = proxyPolicies.flatMap((kind) => [...index.inNamespace(kind, name)]);
  // A pod may ask for itself, as gateways do; then the policies have their proxy.
  const asking = index.workloadsIn(name).some(({ labels }) => labels?.[injectLabel] === "true");
  const idle: MeshDraft[] =
    policies.length === 0 || asking
      ? []
      : [
          {
            code: "MP0111",
            path: "metadata.labels",
            message: `the namespace has ${policies.length} objects for proxies (${policies.map(titleFor).sort()[0]} first) and no label that brings any`,
            change: `write ${injectionLabel}=enabled, or move the objects`,
          },
        ];
  return [
    ...idle,
    {
      code: "IST0102",
      path: "metadata.labels",
      message: "pods here get no sidecar, as the namespace says nothing about injection",
      change: `write ${injectionLabel}=enabled, or disabled to say that it is meant`,
    },
  ];
});
