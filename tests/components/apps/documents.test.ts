import { describe, expect, it } from "vitest";
import { renderBillDemo } from "../../../components/apps/bill-demo";
import { renderBookinfo } from "../../../components/apps/bookinfo";
import { renderHttpbin } from "../../../components/apps/httpbin";
import { renderProxyCom } from "../../../components/apps/proxy-com";
import { renderWebDemo } from "../../../components/apps/web-demo";
import type { KubeObject } from "../../../components/lib/objects";
import { differences, flatten } from "../../stacks/presets/documents";
import * as documents from "./documents";
import { mesh } from "./mesh";

/** What the document says of an object, next to ours of the same kind and name. */
function compare({ object, deviations = {} }: documents.Printed, rendered: readonly KubeObject[]): string[] {
  const { kind, metadata } = object as KubeObject;
  const ours = rendered.find((one) => one.kind === kind && one.metadata.name === metadata.name);
  return ours === undefined
    ? [`no ${kind} ${metadata.name}`]
    : differences(flatten(object), flatten(ours), deviations);
}

const cases: readonly (readonly [string, readonly documents.Printed[], readonly KubeObject[]])[] = [
  ["bookinfo's page (001)", documents.productpage, renderBookinfo({ namespace: "default", mesh })],
  [
    "the way to bookinfo for everyone (001, 002)",
    documents.bookinfoDoor("*"),
    renderBookinfo({ namespace: "default", mesh }),
  ],
  [
    "the way to bookinfo by a host name (002)",
    documents.bookinfoDoor("bookinfo.example.com"),
    renderBookinfo({ namespace: "default", mesh, hosts: ["bookinfo.example.com"] }),
  ],
  [
    "the way to bookinfo of the course (003)",
    documents.luffyDoor,
    renderBookinfo({
      namespace: "bookinfo",
      mesh,
      hosts: ["bookinfo.luffy.com"],
      gateway: "productpage-gateway",
      virtualService: "vs-bookinfo",
      routes: "everything",
    }),
  ],
  ["nginx behind a host name (000)", documents.proxyCom, renderProxyCom({ namespace: "default", mesh })],
  ["httpd and tomcat (002)", documents.webDemo, renderWebDemo({ namespace: "default", mesh })],
  ["the bill service (003)", documents.billDemo, renderBillDemo({ namespace: "istio-demo", mesh })],
  [
    "httpbin (003)",
    documents.httpbin,
    renderHttpbin({ namespace: "bookinfo", mesh, versions: ["v1", "v2"] }),
  ],
];

describe("source documents", () => {
  it.each(cases)("are met value by value: %s", (_name, printed, rendered) => {
    expect(printed.flatMap((one) => compare(one, rendered))).toEqual([]);
  });

  it("are not met where a value differs", () => {
    const [first] = documents.productpage;
    const other = renderBookinfo({ namespace: "default", mesh }).map((object) =>
      object.kind === "Service" ? { ...object, spec: {} } : object,
    );
    expect(first === undefined ? [] : compare(first, other)).toEqual([
      "spec.ports.0.port: rendered undefined, not 9080",
      'spec.ports.0.name: rendered undefined, not "http"',
      'spec.selector.app: rendered undefined, not "productpage"',
    ]);
  });
});
