import { describe, expect, it } from "vitest";
import { type ClientTlsArgs, clientTls, renderClientTls } from "../../../components/traffic/client-tls";
import { mergeDestinations } from "../../../components/traffic/destinations";
import { external } from "../../../components/traffic/handles";
import { context, faultsOf, given, misfits } from "./destinations-support";

const host = external("api.example.com", { http: 80 });
const target = { host, namespace: "shop", port: "http" } as const;
const render = (args: ClientTlsArgs) => renderClientTls({ ...target, ...args }, context);
const rule = (tls: object) => [
  {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name: "api-example-com", namespace: "shop" },
    spec: {
      host: "api.example.com",
      trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls }] },
    },
  },
];

describe("renderClientTls", () => {
  it.each<[string, ClientTlsArgs]>([
    ["plain text", { mode: "DISABLE" }],
    [
      "the mesh's own",
      { mode: "ISTIO_MUTUAL", sni: "api.example.com", subjectAltNames: ["spiffe://a/ns/b/sa/c"] },
    ],
    [
      "authorities of the proxy's image",
      { mode: "SIMPLE", caCertificates: "system", sni: "api.example.com" },
    ],
    ["a file of authorities", { mode: "SIMPLE", caCertificates: "/etc/ca.pem", caCrl: "/etc/crl.pem" }],
    ["a Secret", { mode: "SIMPLE", credentialName: "api-ca", subjectAltNames: ["api.example.com"] }],
    ["anything", { mode: "SIMPLE", insecureSkipVerify: true }],
    [
      "files of one's own",
      {
        mode: "MUTUAL",
        clientCertificate: "/etc/tls.crt",
        privateKey: "/etc/tls.key",
        caCertificates: "/etc/ca.pem",
      },
    ],
    ["a Secret of one's own", { mode: "MUTUAL", credentialName: "api-client" }],
    [
      "a Secret of one's own, towards anybody",
      { mode: "MUTUAL", credentialName: "c", insecureSkipVerify: true },
    ],
  ])("%s: written as it is said", (_, args) => {
    expect(render(args)).toEqual(rule(args));
    expect(misfits(render(args))).toEqual([]);
  });

  const files = { clientCertificate: "/c", privateKey: "/k" };
  it.each<[ClientTlsArgs, readonly string[]]>([
    [{ mode: "SIMPLE" }, ["caCertificates: nothing"]],
    [{ mode: "MUTUAL", ...files }, ["caCertificates: nothing"]],
    [{ mode: "MUTUAL", caCertificates: "/a" }, ["clientCertificate: nothing", "privateKey: nothing"]],
    [
      { mode: "SIMPLE", credentialName: "s", caCertificates: "/a" },
      [': "credentialName and caCertificates"'],
    ],
    [
      { mode: "MUTUAL", credentialName: "s", ...files },
      [': "credentialName and clientCertificate, privateKey"'],
    ],
    [
      { mode: "SIMPLE", insecureSkipVerify: true, caCertificates: "/a", subjectAltNames: ["b"] },
      ['insecureSkipVerify: "true with caCertificates, subjectAltNames"'],
    ],
    [
      { mode: "SIMPLE", insecureSkipVerify: true, credentialName: "s" },
      ['insecureSkipVerify: "true with credentialName"'],
    ],
    [{ mode: "ISTIO_MUTUAL", caCertificates: "/a" } as ClientTlsArgs, ['caCertificates: "/a"']],
    [{ mode: "DISABLE", sni: "a.b" } as ClientTlsArgs, ['sni: "a.b"']],
    [{ mode: "SIMPLE", caCertificates: "system", privateKey: "/k" } as ClientTlsArgs, ['privateKey: "/k"']],
    [{ mode: "TLS" } as unknown as ClientTlsArgs, ['mode: "TLS"']],
    [
      { mode: "SIMPLE", caCertificates: "", sni: "*.example.com" },
      ['caCertificates: ""', 'sni: "*.example.com"'],
    ],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("tells how to say that the system's authorities will do", () => {
    expect(faultsOf(() => render({ mode: "SIMPLE" }))).toEqual([
      {
        path: "caCertificates",
        given: "nothing",
        allowed: "a file, system, or credentialName",
        change:
          'name one; "system" is what Istio takes from 1.21 on where nothing is said, and before it took any certificate',
      },
    ]);
  });
});

describe("a Secret", () => {
  const codes = (more: object) => {
    const policies = [clientTls({ mode: "SIMPLE", credentialName: "api-ca" })];
    const { findings } = mergeDestinations([{ host, namespace: "shop", policies, ...more }], context);
    return findings.map(({ code, severity, path }) => `${severity} ${code} ${path}`);
  };

  it("is not for sidecars, unless the rule is for some pods", () => {
    expect(codes({})).toEqual(["warning MP0587 spec.trafficPolicy.tls"]);
    expect(codes({ workloadSelector: { app: "cart" } })).toEqual([]);
  });
});
