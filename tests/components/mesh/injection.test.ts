import { describe, expect, it } from "vitest";
import { ObjectIndex } from "../../../components/lib/object-index";
import { decideInjection, type Injector, type PodSubject } from "../../../components/mesh/injection";
import { injectorsOf, renderInjector } from "../../../components/mesh/injection-objects";

const subject = (more: Partial<PodSubject> = {}): PodSubject => ({
  namespace: "shop",
  namespaceLabels: {},
  ...more,
});
const inject = "sidecar.istio.io/inject";
const rev = "istio.io/rev";
const enabled = { "istio-injection": "enabled" };
const unnamed: readonly Injector[] = [{ revision: "" }];

describe("the decision about a pod", () => {
  it.each<[string, Partial<PodSubject>, readonly Injector[] | undefined, object]>([
    [
      "a namespace that injects",
      { namespaceLabels: enabled },
      unnamed,
      { injected: true, by: "default", because: "the namespace has istio-injection=enabled" },
    ],
    [
      "a pod that refuses",
      { namespaceLabels: enabled, labels: { [inject]: "false" } },
      unnamed,
      { injected: false, because: "the pod has the label sidecar.istio.io/inject=false" },
    ],
    [
      "an annotation that refuses",
      { namespaceLabels: enabled, annotations: { [inject]: "false" } },
      unnamed,
      { injected: false, because: "the pod has the annotation sidecar.istio.io/inject=false" },
    ],
    [
      "a namespace that refuses",
      { namespaceLabels: { "istio-injection": "disabled" }, labels: { [inject]: "true" } },
      unnamed,
      { injected: false, because: "the namespace has istio-injection=disabled" },
    ],
    [
      "no label at all",
      {},
      unnamed,
      { injected: false, because: "neither the namespace nor the pod has a label for injection" },
    ],
    [
      "a tag",
      { namespaceLabels: { [rev]: "stable" } },
      [{ revision: "1-31", tags: ["stable"] }],
      { injected: true, by: "1-31", because: "the namespace has istio.io/rev=stable" },
    ],
    [
      "a revision that nobody has",
      { namespaceLabels: { [rev]: "canary" } },
      unnamed,
      { injected: false, because: "the namespace has istio.io/rev=canary, which no control plane has" },
    ],
    [
      "a revision of unknown control planes",
      { namespaceLabels: { [rev]: "canary" } },
      undefined,
      { injected: true, by: "canary", because: "the namespace has istio.io/rev=canary" },
    ],
    [
      "the host's network",
      { namespaceLabels: enabled, hostNetwork: true },
      unnamed,
      { injected: false, because: "the pod uses the host's network, which a sidecar would redirect" },
    ],
    [
      "kube-system",
      { namespace: "kube-system", namespaceLabels: enabled },
      unnamed,
      { injected: false, because: "Istio never injects into kube-system" },
    ],
    [
      "a control plane for pods that ask",
      { namespaceLabels: enabled },
      [{ revision: "", autoInject: false }],
      { injected: false, because: "the control plane injects only pods that ask for it" },
    ],
    [
      "a control plane for every namespace",
      {},
      [{ revision: "", everyNamespace: true }],
      { injected: true, by: "default", because: "the control plane takes every namespace without a label" },
    ],
  ])("follows %s", (_, more, injectors, decision) => {
    expect(decideInjection(subject(more), injectors)).toEqual(decision);
  });
});

type Labels = Readonly<Record<string, string>>;
type Term = readonly [key: string, test: (value: string | undefined) => boolean];
const absent = (key: string): Term => [key, (value) => value === undefined];
const isIn = (key: string, ...values: readonly string[]): Term => [
  key,
  (value) => value !== undefined && values.includes(value),
];
const notIn = (key: string, ...values: readonly string[]): Term => [
  key,
  (value) => value === undefined || !values.includes(value),
];
const legacy = "istio-injection";

/** The webhooks' selectors, as the chart of istiod writes them: for the namespace, and for the pod. */
function webhooksOf({ revision, tags = [], everyNamespace }: Injector): [readonly Term[], readonly Term[]][] {
  const names = [revision || "default", ...tags];
  const named = names.flatMap((name): [readonly Term[], readonly Term[]][] => [
    [[isIn(rev, name), absent(legacy)], [notIn(inject, "false")]],
    [
      [absent(rev), absent(legacy)],
      [notIn(inject, "false"), isIn(rev, name)],
    ],
  ]);
  if (!names.includes("default")) return named;
  return [
    ...named,
    [[isIn(legacy, "enabled")], [notIn(inject, "false")]],
    [
      [absent(legacy), absent(rev)],
      [isIn(inject, "true"), absent(rev)],
    ],
    ...(everyNamespace
      ? [
          [
            [absent(legacy), absent(rev)],
            [absent(inject), absent(rev)],
          ] as [Term[], Term[]],
        ]
      : []),
  ];
}

const fits = (terms: readonly Term[], labels: Labels) => terms.every(([key, test]) => test(labels[key]));

const some = (key: string, values: readonly (string | undefined)[]): Labels[] =>
  values.map((value) => (value === undefined ? {} : { [key]: value }));
const both = (one: readonly Labels[], other: readonly Labels[]): Labels[] =>
  one.flatMap((a) => other.map((b) => ({ ...a, ...b })));

describe("all combinations of labels", () => {
  const revisions = [undefined, "default", "canary", "stable", "unknown"];
  const namespaces = both(some(legacy, [undefined, "enabled", "disabled", "true"]), some(rev, revisions));
  const pods = both(some(inject, [undefined, "true", "false", "yes", ""]), some(rev, revisions));
  const annotations = some(inject, [undefined, "true", "false"]);

  it.each<[string, readonly Injector[]]>([
    ["one control plane", unnamed],
    ["one with a revision", [{ revision: "canary" }]],
    ["one with a revision and the tag default", [{ revision: "canary", tags: ["default", "stable"] }]],
    ["two", [{ revision: "", tags: ["stable"] }, { revision: "canary" }]],
    ["one for every namespace", [{ revision: "", everyNamespace: true }]],
    ["none", []],
  ])("end as by the selectors of the webhooks: %s", (_, injectors) => {
    const differences = namespaces.flatMap((namespaceLabels) =>
      pods.flatMap((labels) =>
        annotations.flatMap((noted) => {
          const called = injectors.filter((one) =>
            webhooksOf(one).some(([space, pod]) => fits(space, namespaceLabels) && fits(pod, labels)),
          );
          const wish = labels[inject] ?? noted[inject];
          const expected = wish === "false" ? undefined : called[0]?.revision.replace(/^$/, "default");
          const given = decideInjection(
            subject({ namespaceLabels, labels, annotations: noted }),
            injectors,
          ).by;
          return called.length < 2 && given === expected
            ? []
            : [{ namespaceLabels, labels, noted, given, expected }];
        }),
      ),
    );
    expect(differences).toEqual([]);
  });
});

describe("control planes in declared objects", () => {
  it("are read back from what describes their charts", () => {
    const index = new ObjectIndex([
      ...renderInjector({ revision: "", everyNamespace: true }),
      ...renderInjector({ revision: "1-31", tags: ["stable", "prod"] }),
    ]);
    expect(injectorsOf(index)).toEqual([
      { revision: "default", tags: [], everyNamespace: true },
      { revision: "1-31", tags: ["stable", "prod"], everyNamespace: false },
    ]);
  });

  it("are unknown where none is declared", () => {
    expect(injectorsOf(new ObjectIndex([]))).toBeUndefined();
  });
});
