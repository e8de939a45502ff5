import { FIRST_CHARTS } from "../../components/mesh/install";
import type { Finding, Verdict } from "./compat";
import { before, finding, type Ground, type Plane, versionFindings } from "./compat-istio-releases";
import type { MeshConfig } from "./mesh-schema";

/** What the rules look at. */
export interface IstioChoice extends Ground {
  readonly mesh: MeshConfig;
}

/** Every control plane with the place of its version in the config. */
export const planesOf = ({ version, revisions }: MeshConfig): Plane[] =>
  revisions === undefined
    ? [{ path: "mesh.version", name: "", version }]
    : revisions.map((plane, index) => ({
        path: plane.version === undefined ? "mesh.version" : `mesh.revisions[${index}].version`,
        name: plane.name,
        version: plane.version ?? version,
      }));

interface Row {
  readonly when: (plane: Plane, choice: IstioChoice) => boolean;
  readonly verdict: Exclude<Verdict, "supported">;
  readonly path: string;
  readonly given: string;
  readonly allowed: string;
  readonly change: string;
}

const byIstioctl = ({ version }: Plane, { mesh }: IstioChoice) =>
  mesh.install === "istioctl" || (mesh.install === "auto" && before(version, FIRST_CHARTS));

/** Settings that a version, or a way to install it, does not know. */
const rows: readonly Row[] = [
  {
    when: ({ version }, { mesh }) => mesh.install === "charts" && before(version, FIRST_CHARTS),
    verdict: "impossible",
    path: "mesh.install",
    given: "charts",
    allowed: `Istio ${FIRST_CHARTS} or later, whose charts are published`,
    change: "set it to auto or istioctl",
  },
  {
    when: ({ version }, { mesh }) => mesh.install === "istioctl" && !before(version, "1.17"),
    verdict: "impossible",
    path: "mesh.install",
    given: "istioctl",
    allowed: "versions below 1.17; a preview of the charts shows every object",
    change: "set it to auto",
  },
  {
    when: (plane, choice) =>
      byIstioctl(plane, choice) &&
      (choice.mesh.revisions !== undefined || Object.keys(choice.mesh.tags).length > 0),
    verdict: "impossible",
    path: "mesh.revisions",
    given: "control planes by name, or tags",
    allowed: "one control plane without a revision where istioctl installs it",
    change: "remove mesh.revisions and mesh.tags, or choose a newer Istio",
  },
  {
    when: (plane, choice) =>
      byIstioctl(plane, choice) &&
      (choice.mesh.gateways ?? []).some(({ expose }) => expose?.kind === "hostNetwork"),
    verdict: "impossible",
    path: "mesh.gateways",
    given: "expose hostNetwork",
    allowed: "other ways in where istioctl installs the gateway",
    change: "take nodePort",
  },
  {
    when: ({ version }, { mesh }) => mesh.ambient && before(version, "1.18"),
    verdict: "impossible",
    path: "mesh.ambient",
    given: "true",
    allowed: "Istio 1.18 or later",
    change: "set it to false",
  },
  {
    when: ({ version }, { mesh }) => mesh.ambient && !before(version, "1.18") && before(version, "1.24"),
    verdict: "untested",
    path: "mesh.ambient",
    given: "true",
    allowed: "Istio 1.24 or later, where it is stable",
    change: "choose a newer Istio",
  },
  {
    when: ({ version }, { mesh }) =>
      mesh.tracing !== false && mesh.tracing.provider === "opentelemetry" && before(version, "1.16"),
    verdict: "impossible",
    path: "mesh.tracing.provider",
    given: "opentelemetry",
    allowed: "zipkin or jaeger with Istio below 1.16",
    change: "set it to zipkin; Jaeger takes that too",
  },
  {
    // Two of them in one rendered file without a separator: the last one wins.
    when: ({ name, version }, { mesh }) =>
      before(version, "1.17") &&
      Object.values(withDefault(mesh)).filter((target) => target === name).length > 1,
    verdict: "impossible",
    path: "mesh.tags",
    given: "several tags for one control plane",
    allowed: "one tag each with Istio below 1.17, whose chart renders no more; default is one of them",
    change: "remove tags",
  },
];

/** Tags with the default one that the first named control plane gets where nobody else has it. */
function withDefault({ revisions = [], tags }: MeshConfig): Readonly<Record<string, string>> {
  const first = revisions[0]?.name;
  return revisions.length === 0 || revisions.some(({ name }) => name === "") || tags.default !== undefined
    ? tags
    : { default: first ?? "", ...tags };
}

/** Names that do not fit each other. */
function nameFindings({ revisions, tags, gateways = [] }: MeshConfig): Finding[] {
  const names = (revisions ?? [{ name: "" }]).map(({ name }) => name);
  const targets = [...names.filter((name) => name !== ""), ...Object.keys(tags), "default"];
  const one = (path: string, given: string, allowed: string, change: string) =>
    finding("impossible", path, given, allowed, change);
  const list = names.map((name) => name || "(unnamed)").join(", ");
  return [
    ...names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [
            one(
              `mesh.revisions[${index}].name`,
              name || "nothing",
              "a name of its own",
              "rename one of the two",
            ),
          ],
    ),
    ...Object.entries(tags).flatMap(([tag, target]) =>
      names.includes(target) && target !== ""
        ? []
        : [one(`mesh.tags.${tag}`, target, `a revision: ${list}`, "correct the name")],
    ),
    ...(tags.default !== undefined && names.includes("")
      ? [
          one(
            "mesh.tags.default",
            tags.default,
            "no such tag beside a control plane without a revision, which has it already",
            "remove the tag, or that control plane",
          ),
        ]
      : []),
    ...gateways.flatMap(({ revision }, index) =>
      revision === undefined || targets.includes(revision)
        ? []
        : [one(`mesh.gateways[${index}].revision`, revision, targets.join(", "), "correct the name")],
    ),
  ];
}

/** Every objection to a mesh; none means supported. */
export function istioFindings(choice: IstioChoice): Finding[] {
  const planes = planesOf(choice.mesh);
  const objections = planes.flatMap((plane) => [
    ...versionFindings(plane, choice),
    ...rows.filter(({ when }) => when(plane, choice)).map(({ when: _, ...row }) => row),
  ]);
  const texts = objections.map((objection) => JSON.stringify(objection));
  return [
    ...objections.filter((_, place) => texts.indexOf(texts[place] ?? "") === place),
    ...nameFindings(choice.mesh),
  ];
}
