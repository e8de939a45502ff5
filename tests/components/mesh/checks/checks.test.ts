import { describe, expect, it } from "vitest";
import { analyse, frameworkCodes } from "../../../../components/lib/checks";
import { UNKNOWN } from "../../../../components/lib/declared";
import type { Finding } from "../../../../components/lib/findings";
import { external } from "../../../../components/lib/object-index";
import type { KubeObject } from "../../../../components/lib/objects";
import { catalogue, type MeshCode, meshChecks } from "../../../../components/mesh/checks";
import {
  deployment,
  gateway,
  ingress,
  injector,
  secret,
  secureServer,
  service,
  shop,
  space,
  virtualService,
} from "../../../support/mesh-objects";
import { readProjectFile } from "../../../support/rendered";
import { ambientExamples } from "./examples-ambient";
import { gatewayExamples } from "./examples-gateways";
import { injectionExamples } from "./examples-injection";
import { annotationExamples, serviceExamples } from "./examples-services";

const examples = [
  ...injectionExamples,
  ...ambientExamples,
  ...serviceExamples,
  ...annotationExamples,
  ...gatewayExamples,
];
const codes = Object.keys(catalogue) as MeshCode[];
const find = (objects: readonly KubeObject[]) => analyse(objects, meshChecks);
const places = (findings: readonly Finding[], code: string) =>
  findings.filter((finding) => finding.code === code).map(({ object, path }) => `${object} ${path}`);

describe("a check of the mesh", () => {
  it.each(examples.map((example) => [example.code, example.name, example] as const))(
    "finds %s: %s",
    (code, _, { bad, at }) => {
      expect(places(find(bad), code)).toEqual([at].flat());
    },
  );

  it.each(examples.map((example) => [example.code, example.name, example] as const))(
    "lets pass what is near to %s: %s",
    (code, _, { good }) => {
      expect(places(find(good), code)).toEqual([]);
    },
  );

  it("says in each finding what is wrong and what to change", () => {
    for (const { bad } of examples) {
      for (const { message, change } of find(bad)) {
        expect(message).toMatch(/^.{20,}[^.]$/);
        expect(change).toMatch(/^.{8,}[^.]$/);
      }
    }
  });
});

describe("the catalogue", () => {
  it("has a bad and a good example for each code", () => {
    expect([...new Set(examples.map(({ code }) => code))].sort()).toEqual([...codes].sort());
  });

  it("has a line in docs/analysis.md for each code", () => {
    const page = readProjectFile("docs/analysis.md");
    const all = [...codes, ...Object.keys(frameworkCodes)];
    expect(all.filter((code) => !page.includes(`| ${code} |`))).toEqual([]);
  });

  it("refuses double injection and more than nine other mistakes", () => {
    const refused = examples.filter(({ code, bad }) =>
      find(bad).some((finding) => finding.code === code && finding.severity === "error"),
    );
    expect(new Set(refused.map(({ code }) => code)).size).toBeGreaterThan(10);
  });
});

describe("a platform without mistakes", () => {
  it("has no finding", () => {
    const objects = [
      ...injector,
      ...ingress,
      shop,
      deployment({ container: { ports: [{ name: "http", containerPort: 8080 }] } }),
      service(),
      gateway([secureServer()]),
      secret(),
      virtualService(),
    ];
    expect(find(objects)).toEqual([]);
  });
});

describe("what is not declared", () => {
  it("is no error where others may make it", () => {
    const objects = [gateway(), virtualService({ gateways: ["ingress/edge"] }), service(), deployment()];
    expect(find(objects).filter(({ severity }) => severity !== "info")).toEqual([]);
  });

  it("is missing in a world that is complete", () => {
    const found = analyse([virtualService({ gateways: ["ingress/edge"] })], meshChecks, { closed: true });
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["error IST0101"]);
  });

  it("counts as there and is not judged where it is marked as external", () => {
    const theirs = [external(space("shop", { "istio-injection": "true" })), external(deployment())];
    expect(find([...theirs, service()])).toEqual([]);
  });
});

describe("what is not known yet", () => {
  it.each([
    ["labels of pods", [shop, deployment({ labels: UNKNOWN }), service()]],
    ["one label of pods", [shop, deployment({ labels: { app: UNKNOWN } }), service()]],
    [
      "labels of a namespace",
      [{ ...space("shop"), metadata: { name: "shop", labels: UNKNOWN } }, deployment()],
    ],
    ["a selector", [shop, deployment(), service({ selector: UNKNOWN })]],
    ["part of a selector", [shop, deployment(), service({ selector: { app: UNKNOWN } })]],
    ["a whole spec", [{ ...service(), spec: UNKNOWN }]],
    [
      "a name that is referred to",
      [shop, { ...gateway(), metadata: { name: UNKNOWN, namespace: "shop" } }, virtualService()],
    ],
    [
      "names of Services that a workload is behind",
      [
        shop,
        deployment({ labels: { app: "cart", version: UNKNOWN } }),
        { ...service(), metadata: { name: UNKNOWN, namespace: UNKNOWN } },
      ],
    ],
    ["all metadata", [{ ...service(), metadata: UNKNOWN }]],
    ["a server", [...ingress, gateway([UNKNOWN])]],
    ["hosts", [...ingress, gateway([{ ...secureServer(), hosts: UNKNOWN }]), secret()]],
    ["a secret's keys", [...ingress, gateway([secureServer()]), secret(UNKNOWN)]],
    ["containers", [shop, deployment({ spec: { containers: [UNKNOWN] } })]],
    ["a reference", [shop, virtualService({ gateways: [UNKNOWN] })]],
  ])("is said and never an error: %s", (_, objects) => {
    const found = find(objects as readonly KubeObject[]);
    expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(found.map(({ code }) => code)).toContain("MP0001");
  });

  it("hides nothing about other objects", () => {
    const rival = gateway([{ ...secureServer(), hosts: UNKNOWN }], "unknown");
    const found = find([...ingress, secret(), rival, gateway(), gateway(undefined, "twin")]);
    expect(places(found, "IST0145")).toHaveLength(2);
  });

  it("is said once per object and field, with all codes that it holds up", () => {
    const found = find([shop, deployment(), service({ ports: UNKNOWN })]);
    expect(found).toEqual([
      {
        code: "MP0001",
        severity: "info",
        object: "Deployment shop/cart",
        path: "",
        message: "IST0116, IST0137 not decidable yet: spec.ports of Service shop/cart is known only after up",
        change: "nothing; or give a plain value, which is checked before anything is made",
      },
      {
        code: "MP0001",
        severity: "info",
        object: "Service shop/cart",
        path: "spec.ports",
        message: "IST0118, IST0150, KIA0701 not decidable yet: spec.ports is known only after up",
        change: "nothing; or give a plain value, which is checked before anything is made",
      },
    ]);
  });
});
