import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { GatewayAuthority, givenCertificate } from "../../../components/mesh/certificates";
import {
  type GatewayMode,
  GatewayRoute,
  type GatewayRouteArgs,
  renderGatewayRoute,
} from "../../../components/mesh/gateway-route";
import { record, settled } from "../../support/recorder";
import { input, isSecret } from "../../support/recording";

const pems = givenCertificate({ certificate: "certificate", privateKey: "key" });
const client = givenCertificate({ certificate: "client certificate", privateKey: "client key" });

const base: Omit<GatewayRouteArgs, "mode"> = {
  name: "shop",
  namespace: "store",
  hosts: ["shop.example.com"],
  backend: { service: "web", port: 8000 },
  version: "1.28.0",
};

const render = (mode: GatewayMode, more: Partial<GatewayRouteArgs> = {}) =>
  renderGatewayRoute({ ...base, mode, ...more });

/** With what is in secrets, as a run knows it. */
const written = (objects: readonly object[]) => settled(pulumi.unsecret(pulumi.output(objects)));

const hosts = ["shop.example.com"];
const selector = { istio: "ingressgateway" };
const metadata = { name: "shop", namespace: "store" };
const http = { port: { number: 80, name: "http", protocol: "HTTP" }, hosts };
const https = { port: { number: 443, name: "https", protocol: "HTTPS" }, hosts };
const route = [{ destination: { host: "web.store.svc.cluster.local", port: { number: 8000 } } }];

const gateway = (...servers: object[]) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata,
  spec: { selector, servers },
});
const virtualService = (routes: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata,
  spec: { hosts, gateways: ["shop"], ...routes },
});
const plainRoutes = virtualService({ http: [{ route }] });
const secret = (name: string, namespace: string, type: string, stringData: object) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type,
  stringData,
});
const keys = { "tls.crt": "certificate", "tls.key": "key" };

describe("renderGatewayRoute", () => {
  it("http: HTTP outside and inside", async () => {
    expect(await written(render({ kind: "http" }))).toEqual([gateway(http), plainRoutes]);
  });

  it("passthrough: the application shows its certificate, and the gateway sees none", async () => {
    const mode: GatewayMode = { kind: "passthrough", application: { secretName: "web-tls", pems } };
    expect(await written(render(mode))).toEqual([
      secret("web-tls", "store", "kubernetes.io/tls", keys),
      gateway({ ...https, tls: { mode: "PASSTHROUGH" } }),
      virtualService({ tls: [{ match: [{ port: 443, sniHosts: hosts }], route }] }),
    ]);
  });

  it("terminate: the certificate stands beside the gateway, plain HTTP is sent to HTTPS", async () => {
    const credential = { secretName: "shop-tls", pems };
    const mode: GatewayMode = {
      kind: "terminate",
      credential,
      httpsRedirect: true,
      minProtocolVersion: "TLSV1_3",
    };
    expect(await written(render(mode))).toEqual([
      secret("shop-tls", "istio-system", "kubernetes.io/tls", keys),
      gateway(
        { ...http, tls: { httpsRedirect: true } },
        { ...https, tls: { mode: "SIMPLE", credentialName: "shop-tls", minProtocolVersion: "TLSV1_3" } },
      ),
      plainRoutes,
    ]);
  });

  it("mutual: the authority of clients is in the same Secret", async () => {
    const mode: GatewayMode = {
      kind: "mutual",
      credential: { secretName: "shop-tls", pems },
      clientAuthority: { certificate: "authority" },
    };
    expect(
      await written(render(mode, { gateway: { namespace: "edge", selector: { istio: "edge" } } })),
    ).toEqual([
      secret("shop-tls", "edge", "kubernetes.io/tls", { ...keys, "ca.crt": "authority" }),
      {
        ...gateway({
          ...https,
          tls: { mode: "MUTUAL", credentialName: "shop-tls", minProtocolVersion: "TLSV1_2" },
        }),
        spec: {
          selector: { istio: "edge" },
          servers: [
            {
              ...https,
              tls: { mode: "MUTUAL", credentialName: "shop-tls", minProtocolVersion: "TLSV1_2" },
            },
          ],
        },
      },
      plainRoutes,
    ]);
  });

  const tlsInside = (mode: string) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: {
      name: "store-shop-inside",
      namespace: "istio-system",
      annotations: {
        "mesh-platform/suppress": "IST0129=the authority is in the Secret that credentialName names",
      },
    },
    spec: {
      host: "web.store.svc.cluster.local",
      exportTo: ["."],
      trafficPolicy: {
        portLevelSettings: [
          {
            port: { number: 8000 },
            tls: {
              mode,
              credentialName: "shop-inside",
              sni: "web.store.svc.cluster.local",
              subjectAltNames: ["web.store.svc.cluster.local"],
            },
          },
        ],
      },
    },
  });

  it("says of a Service that others make why it is not missed", async () => {
    const backend = { service: "web", port: 8000, elsewhere: true };
    const routes = (await written(render({ kind: "http" }, { backend })))[1];
    expect(routes).toEqual({
      ...plainRoutes,
      metadata: {
        ...metadata,
        annotations: { "mesh-platform/suppress": "IST0101=the Service is made elsewhere" },
      },
    });
  });

  it("reencrypt: the gateway is a client of the application, which it knows by an authority", async () => {
    const mode: GatewayMode = {
      kind: "reencrypt",
      credential: { secretName: "shop-tls", pems },
      inside: { secretName: "shop-inside", authority: "authority" },
    };
    expect(await written(render(mode))).toEqual([
      secret("shop-tls", "istio-system", "kubernetes.io/tls", keys),
      secret("shop-inside", "istio-system", "Opaque", { "ca.crt": "authority" }),
      tlsInside("SIMPLE"),
      gateway({
        ...https,
        tls: { mode: "SIMPLE", credentialName: "shop-tls", minProtocolVersion: "TLSV1_2" },
      }),
      plainRoutes,
    ]);
  });

  it("reencrypt: with a certificate of its own where the application asks for one", async () => {
    const mode: GatewayMode = {
      kind: "reencrypt",
      credential: { secretName: "shop-tls" },
      inside: { secretName: "shop-inside", authority: "authority", client },
    };
    const objects = await written(render(mode));
    expect(objects.slice(0, 2)).toEqual([
      secret("shop-inside", "istio-system", "kubernetes.io/tls", {
        "tls.crt": "client certificate",
        "tls.key": "client key",
        "ca.crt": "authority",
      }),
      tlsInside("MUTUAL"),
    ]);
  });

  it("makes no Secret that others make", () => {
    const mode: GatewayMode = {
      kind: "mutual",
      credential: { secretName: "shop-tls" },
      clientAuthority: {},
    };
    expect(render(mode).map(({ kind }) => kind)).toEqual(["Gateway", "VirtualService"]);
  });

  it("writes the API version of an older Istio, and leads into another namespace by the full name", () => {
    const objects = render(
      { kind: "http" },
      {
        version: "1.13.2",
        backend: { service: "web", port: 80, namespace: "other" },
        dnsDomain: "lab.internal",
      },
    );
    expect(objects.map(({ apiVersion }) => apiVersion)).toEqual(Array(2).fill("networking.istio.io/v1beta1"));
    expect(objects[1]?.spec).toMatchObject({
      http: [{ route: [{ destination: { host: "web.other.svc.lab.internal", port: { number: 80 } } }] }],
    });
  });

  const mutual = (credential: object, clientAuthority: object) =>
    ({
      kind: "mutual",
      credential: { secretName: "shop-tls", ...credential },
      clientAuthority,
    }) as GatewayMode;

  it.each<[GatewayMode, Partial<GatewayRouteArgs>, string]>([
    [{ kind: "http" }, { hosts: [] }, "hosts is empty; allowed: one or more host names; name one"],
    [
      { kind: "http" },
      { hosts: ["a.example.com", "a.example.com"] },
      "hosts names one twice; allowed: each once",
    ],
    [
      { kind: "passthrough" },
      { hosts: ["*"] },
      "hosts has *; allowed: names with passthrough, which goes by the name that the client asks for; name the hosts",
    ],
    [mutual({ pems }, {}), {}, "Secret shop-tls: the key is given without the authority of the mutual mode"],
    [
      mutual({}, { certificate: "authority" }),
      {},
      "Secret shop-tls: the authority is given without the key of the mutual mode",
    ],
    [
      {
        kind: "reencrypt",
        credential: { secretName: "shop-tls" },
        inside: { secretName: "shop-inside", client },
      },
      {},
      "Secret shop-inside: only one of authority and client is given in PEM",
    ],
  ])("refuses %#: what cannot work", (mode, more, message) => {
    expect(() => render(mode, more)).toThrow(message);
  });
});

describe("GatewayRoute", () => {
  const program = () => {
    const authority = new GatewayAuthority("gateways");
    new GatewayRoute("shop", {
      ...base,
      mode: {
        kind: "mutual",
        credential: { secretName: "shop-tls", pems: authority.server("shop", base.hosts) },
        clientAuthority: { certificate: authority.certificate },
      },
    });
    authority.client("phone", "phone");
  };

  it("declares everything, with keys as secrets", async () => {
    const recording = await record(program);
    const found = recording.find("istio-system/shop-tls");
    expect(isSecret(found, "stringData", "tls.key")).toBe(true);
    const gatewayType = "kubernetes:networking.istio.io/v1:Gateway";
    expect(input(recording.find("store/shop", gatewayType), "metadata")).toEqual(metadata);
  });

  it("issues certificates for hosts and for clients that end after ninety days", async () => {
    const recording = await record(program);
    const leaf = (name: string) => {
      const request = recording.find(`gateways-${name}-request`);
      const certificate = recording.find(`gateways-${name}-cert`);
      return [
        input(request, "subject"),
        input(request, "dnsNames"),
        input(certificate, "allowedUses"),
        input(certificate, "validityPeriodHours"),
        input(certificate, "earlyRenewalHours"),
      ];
    };
    const usual = ["digital_signature", "key_encipherment"];
    expect(leaf("shop")).toEqual([
      { commonName: "shop.example.com" },
      ["shop.example.com"],
      [...usual, "server_auth"],
      2160,
      720,
    ]);
    expect(leaf("phone")).toEqual([{ commonName: "phone" }, [], [...usual, "client_auth"], 2160, 720]);
  });

  it("refuses certificates for everything, and lives that end in the wrong order", async () => {
    const messages: string[] = [];
    await record(() => {
      const attempts = [
        () => new GatewayAuthority("any").server("all", ["*"]),
        () => new GatewayAuthority("short", { validityHours: 100, renewBeforeHours: 100 }),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch (error) {
          messages.push(String(error));
        }
      }
    });
    expect(messages).toEqual([
      "Error: certificate any-all: hosts is *; allowed: names such as shop.example.com or *.example.com; name them",
      "Error: authority short: validityHours is 100, renewBeforeHours 100, authorityValidityHours 87600; allowed: each " +
        "greater than the one before it in the order renewBeforeHours, validityHours, authorityValidityHours; correct them",
    ]);
  });
});
