import { deployment, service, shop, space } from "../../../support/mesh-objects";
import {
  account,
  cartRule,
  type Example,
  entry,
  group,
  machine,
  peer,
  routes,
  rule,
  sidecar,
  subsets,
  to,
  v1,
  world,
} from "./objects";

const spec = "DestinationRule shop/cart spec";
const policy = `${spec}.trafficPolicy`;
const of = (trafficPolicy: unknown, host = "cart") => rule({ host, trafficPolicy });
const external = (protocol: string) =>
  entry(
    {
      hosts: ["api.example.com"],
      location: "MESH_EXTERNAL",
      resolution: "DNS",
      ports: [{ number: 443, name: "https", protocol }],
    },
    "api",
  );
const one = [shop, service(), deployment()];
const strict = peer({ mtls: { mode: "STRICT" } }, "default");
const api = (more: Readonly<Record<string, unknown>> = {}, name = "api") =>
  entry(
    {
      hosts: ["api.example.com"],
      resolution: "DNS",
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
      ...more,
    },
    name,
  );
const egress = (...hosts: readonly string[]) => [{ hosts }];

export const destinationExamples: readonly Example[] = [
  {
    code: "IST0106",
    name: "a policy with nothing in it, and a pool without limits",
    bad: [
      ...world,
      rule({
        host: "cart",
        trafficPolicy: {},
        subsets: [{ name: "v1", labels: { version: "v1" }, trafficPolicy: { connectionPool: {} } }],
      }),
    ],
    at: [`${policy}`, `${spec}.subsets[0].trafficPolicy.connectionPool`],
    good: [...world, of({ connectionPool: { tcp: { maxConnections: 1 } } })],
  },
  {
    code: "IST0106",
    name: "one subset twice",
    bad: [...world, rule({ host: "cart", subsets: [...subsets, { name: "v1", labels: { version: "v2" } }] })],
    at: `${spec}.subsets[2].name`,
    good: [...world, cartRule],
  },
  {
    code: "IST0106",
    name: "local failures that are not split off",
    bad: [...world, of({ outlierDetection: { consecutiveLocalOriginFailures: 2, maxEjectionPercent: 100 } })],
    at: `${policy}.outlierDetection.consecutiveLocalOriginFailures`,
    good: [
      ...world,
      of({
        outlierDetection: {
          consecutiveLocalOriginFailures: 2,
          splitExternalLocalOriginErrors: true,
          maxEjectionPercent: 100,
        },
      }),
    ],
  },
  {
    code: "IST0106",
    name: "a table that is not prime",
    bad: [
      ...world,
      of({ loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize: 65536 } } } }),
    ],
    at: `${policy}.loadBalancer.consistentHash.maglev.tableSize`,
    good: [
      ...world,
      of({ loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize: 65537 } } } }),
    ],
  },
  {
    code: "IST0106",
    name: "MUTUAL without certificate",
    bad: [...world, of({ tls: { mode: "MUTUAL", caCertificates: "/ca.pem", privateKey: "/key.pem" } })],
    at: `${policy}.tls`,
    good: [...world, of({ tls: { mode: "MUTUAL", credentialName: "own" } })],
  },
  {
    code: "IST0106",
    name: "places that sum to 90",
    bad: [
      ...world,
      of({
        outlierDetection: { maxEjectionPercent: 100 },
        loadBalancer: { localityLbSetting: { distribute: [{ from: "a/*", to: { "a/*": 50, "b/*": 40 } }] } },
      }),
    ],
    at: `${policy}.loadBalancer.localityLbSetting.distribute[0].to`,
    good: [
      ...world,
      of({
        outlierDetection: { maxEjectionPercent: 100 },
        loadBalancer: { localityLbSetting: { distribute: [{ from: "a/*", to: { "a/*": 60, "b/*": 40 } }] } },
      }),
    ],
  },
  {
    code: "IST0133",
    name: "fail-over that sees no failure",
    bad: [...world, of({ loadBalancer: { localityLbSetting: { failover: [{ from: "a", to: "b" }] } } })],
    at: `${policy}.loadBalancer.localityLbSetting`,
    good: [
      ...world,
      of({
        outlierDetection: { maxEjectionPercent: 100 },
        loadBalancer: { localityLbSetting: { failover: [{ from: "a", to: "b" }] } },
      }),
    ],
  },
  {
    code: "IST0133",
    name: "consecutiveErrors",
    bad: [...world, of({ outlierDetection: { consecutiveErrors: 1, maxEjectionPercent: 100 } })],
    at: `${policy}.outlierDetection.consecutiveErrors`,
    good: [...world, of({ outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100 } })],
  },
  {
    code: "IST0128",
    name: "TLS to anybody",
    bad: [external("HTTP"), of({ tls: { mode: "SIMPLE" } }, "api.example.com")],
    at: `${policy}.tls`,
    good: [external("HTTP"), of({ tls: { mode: "SIMPLE", caCertificates: "system" } }, "api.example.com")],
  },
  {
    code: "IST0129",
    name: "TLS to anybody at a port",
    bad: [
      external("HTTP"),
      of({ portLevelSettings: [{ port: { number: 443 }, tls: { mode: "SIMPLE" } }] }, "api.example.com"),
    ],
    at: `${policy}.portLevelSettings[0].tls`,
    good: [
      external("HTTP"),
      of(
        { portLevelSettings: [{ port: { number: 443 }, tls: { mode: "SIMPLE", caCertificates: "system" } }] },
        "api.example.com",
      ),
    ],
  },
  {
    code: "IST0173",
    name: "labels that no pod has",
    bad: [...world, rule({ host: "cart", subsets: [{ name: "v3", labels: { version: "v3" } }] })],
    at: `${spec}.subsets[0].labels`,
    good: [...world, cartRule],
  },
  {
    code: "IST0174",
    name: "a Service of another namespace by its short name",
    bad: [space("blog"), ...world, rule({ host: "cart" }, "cart", "blog")],
    at: "DestinationRule blog/cart spec.host",
    good: [space("blog"), ...world, rule({ host: "cart.shop.svc.cluster.local" }, "cart", "blog")],
  },
  {
    code: "KIA0201",
    name: "two for one host",
    bad: [...world, cartRule, rule({ host: "cart.shop.svc.cluster.local" }, "other")],
    at: [`${spec}.host`, "DestinationRule shop/other spec.host"],
    good: [
      ...world,
      cartRule,
      rule({ host: "cart", workloadSelector: { matchLabels: { app: "client" } } }, "other"),
    ],
  },
  {
    code: "KIA0209",
    name: "a subset of everything",
    bad: [...world, rule({ host: "cart", subsets: [{ name: "all" }] })],
    at: `${spec}.subsets[0]`,
    good: [...world, cartRule],
  },
  {
    code: "MP0501",
    name: "a policy of a subset without a route",
    bad: [
      ...world,
      routes({ route: [to("v1")] }),
      rule({
        host: "cart",
        subsets: [
          { ...subsets[0] },
          { ...subsets[1], trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
        ],
      }),
    ],
    at: `${spec}.subsets[1].trafficPolicy`,
    good: [
      ...world,
      routes({ route: [to("v2")] }),
      rule({
        host: "cart",
        subsets: [
          { ...subsets[0] },
          { ...subsets[1], trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
        ],
      }),
    ],
  },
  {
    code: "MP0502",
    name: "a hash over one pod",
    bad: [...one, of({ loadBalancer: { consistentHash: { useSourceIp: true } } })],
    at: `${policy}.loadBalancer.consistentHash`,
    good: [...world, of({ loadBalancer: { consistentHash: { useSourceIp: true } } })],
  },
  {
    code: "MP0503",
    name: "10 % of two",
    bad: [...world, of({ outlierDetection: { consecutive5xxErrors: 3 } })],
    at: `${policy}.outlierDetection`,
    good: [...world, of({ outlierDetection: { consecutive5xxErrors: 3, maxEjectionPercent: 50 } })],
  },
  {
    code: "MP0504",
    name: "a port that forgets the breaker",
    bad: [
      ...world,
      of({
        connectionPool: { tcp: { maxConnections: 1 } },
        portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }],
      }),
    ],
    at: `${policy}.portLevelSettings[0]`,
    good: [
      ...world,
      of({
        connectionPool: { tcp: { maxConnections: 1 } },
        portLevelSettings: [{ port: { number: 80 }, connectionPool: { tcp: { maxConnections: 1 } } }],
      }),
    ],
  },
  {
    code: "MP0505",
    name: "the port of the pods",
    bad: [
      ...world,
      of({ portLevelSettings: [{ port: { number: 8080 }, loadBalancer: { simple: "RANDOM" } }] }),
    ],
    at: `${policy}.portLevelSettings[0].port.number`,
    good: [
      ...world,
      of({ portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }] }),
    ],
  },
  {
    code: "MP0506",
    name: "TLS over HTTPS",
    bad: [external("HTTPS"), of({ tls: { mode: "SIMPLE", caCertificates: "system" } }, "api.example.com")],
    at: `${policy}.tls.mode`,
    good: [external("HTTP"), of({ tls: { mode: "SIMPLE", caCertificates: "system" } }, "api.example.com")],
  },
  {
    code: "KIA0204",
    name: "one rule that forgets the TLS of all",
    bad: [
      ...world,
      rule({ host: "*.shop.svc.cluster.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } }, "all"),
      of({ loadBalancer: { simple: "RANDOM" } }),
      strict,
    ],
    at: policy,
    good: [
      ...world,
      rule({ host: "*.shop.svc.cluster.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } }, "all"),
      of({ tls: { mode: "ISTIO_MUTUAL" }, loadBalancer: { simple: "RANDOM" } }),
      strict,
    ],
  },
  {
    code: "KIA0205",
    name: "mutual TLS to everybody, unasked",
    bad: [rule({ host: "*.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } })],
    at: `${policy}.tls.mode`,
    good: [
      rule({ host: "*.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } }),
      peer({ mtls: { mode: "STRICT" } }, "default", "istio-system"),
    ],
  },
  {
    code: "KIA0206",
    name: "mutual TLS to a namespace, unasked",
    bad: [rule({ host: "*.shop.svc.cluster.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } })],
    at: `${policy}.tls.mode`,
    good: [
      rule({ host: "*.shop.svc.cluster.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } }),
      strict,
    ],
  },
  {
    code: "KIA0207",
    name: "plain requests to a strict Service",
    bad: [...world, strict, of({ tls: { mode: "DISABLE" } })],
    at: `${policy}.tls.mode`,
    good: [...world, strict, of({ tls: { mode: "ISTIO_MUTUAL" } })],
  },
  {
    code: "KIA0208",
    name: "plain requests in a strict mesh",
    bad: [
      peer({ mtls: { mode: "STRICT" } }, "default", "istio-system"),
      of({ tls: { mode: "DISABLE" } }, "*.local"),
    ],
    at: `${policy}.tls.mode`,
    good: [
      peer({ mtls: { mode: "PERMISSIVE" } }, "default", "istio-system"),
      of({ tls: { mode: "DISABLE" } }, "*.local"),
    ],
  },
  {
    code: "KIA0505",
    name: "mutual TLS to pods that take none",
    bad: [...world, peer({ mtls: { mode: "DISABLE" } }, "default"), of({ tls: { mode: "ISTIO_MUTUAL" } })],
    at: `${policy}.tls.mode`,
    good: [...world, peer({ mtls: { mode: "DISABLE" } }, "default"), of({ tls: { mode: "DISABLE" } })],
  },
  {
    code: "KIA0506",
    name: "mutual TLS in a mesh that takes none",
    bad: [
      peer({ mtls: { mode: "DISABLE" } }, "default", "istio-system"),
      of({ tls: { mode: "ISTIO_MUTUAL" } }, "*.local"),
    ],
    at: `${policy}.tls.mode`,
    good: [
      peer({ mtls: { mode: "DISABLE" } }, "default", "istio-system"),
      of({ tls: { mode: "DISABLE" } }, "*.local"),
    ],
  },

  {
    code: "IST0106",
    name: "endpoints without resolution, and a port twice",
    bad: [
      entry({
        hosts: ["a.example.com"],
        endpoints: [{ address: "10.0.0.1" }],
        ports: [
          { number: 80, name: "http", protocol: "HTTP" },
          { number: 80, name: "http-2", protocol: "HTTP" },
        ],
      }),
    ],
    at: ["ServiceEntry shop/cart spec", "ServiceEntry shop/cart spec.ports"],
    good: [
      entry({
        hosts: ["a.example.com"],
        resolution: "STATIC",
        endpoints: [{ address: "10.0.0.1" }],
        ports: [{ number: 80, name: "http", protocol: "HTTP" }],
      }),
    ],
  },
  {
    code: "IST0106",
    name: "names that cannot be resolved",
    bad: [api({ hosts: ["*.example.com"] })],
    at: "ServiceEntry shop/api spec.hosts[0]",
    good: [api({ hosts: ["*.example.com"], resolution: "NONE" })],
  },
  {
    code: "IST0134",
    name: "TCP without addresses",
    bad: [entry({ hosts: ["db.example.com"], ports: [{ number: 3306, name: "tcp", protocol: "TCP" }] })],
    at: "ServiceEntry shop/cart spec.ports[0]",
    good: [
      entry({
        hosts: ["db.example.com"],
        addresses: ["10.1.2.3"],
        ports: [{ number: 3306, name: "tcp", protocol: "TCP" }],
      }),
    ],
  },
  {
    code: "IST0177",
    name: "one port, two protocols",
    bad: [api(), api({ ports: [{ number: 80, name: "tls", protocol: "TLS" }] }, "other")],
    at: ["ServiceEntry shop/api spec.ports", "ServiceEntry shop/other spec.ports"],
    good: [
      api(),
      api({ hosts: ["b.example.com"], ports: [{ number: 80, name: "tls", protocol: "TLS" }] }, "other"),
    ],
  },
  {
    code: "KIA1211",
    name: "one port twice",
    bad: [api(), api({}, "other")],
    at: ["ServiceEntry shop/api spec.ports", "ServiceEntry shop/other spec.ports"],
    good: [api(), api({ ports: [{ number: 81, name: "http", protocol: "HTTP" }] }, "other")],
  },
  {
    code: "IST0106",
    name: "an address that is none, and a socket with ports",
    bad: [
      machine({ address: "not an address" }),
      machine({ address: "unix:///a.sock", ports: { http: 80 } }, "other"),
    ],
    at: ["WorkloadEntry shop/cart spec.address", "WorkloadEntry shop/other spec"],
    good: [
      machine({ address: "10.0.0.1", ports: { http: 80 } }),
      machine({ address: "unix:///a.sock" }, "other"),
    ],
  },
  {
    code: "IST0106",
    name: "a group without template",
    bad: [group({ metadata: { labels: v1 } })],
    at: "WorkloadGroup shop/cart spec",
    good: [group({ metadata: { labels: v1 }, template: {} })],
  },
  {
    code: "KIA1701",
    name: "an account that does not exist",
    bad: [shop, group({ template: { serviceAccount: "cart" } })],
    at: "WorkloadGroup shop/cart spec.template.serviceAccount",
    good: [shop, account("cart"), group({ template: { serviceAccount: "cart" } })],
  },
  {
    code: "KIA1702",
    name: "groups with one label",
    bad: [
      group({ metadata: { labels: v1 }, template: {} }),
      group({ metadata: { labels: v1 }, template: {} }, "other"),
    ],
    at: ["WorkloadGroup shop/cart spec.metadata.labels", "WorkloadGroup shop/other spec.metadata.labels"],
    good: [
      group({ metadata: { labels: v1 }, template: {} }),
      group({ metadata: { labels: { app: "cart" } }, template: {} }, "other"),
    ],
  },
  {
    code: "IST0106",
    name: "a Sidecar with nothing in it, and hosts without namespace",
    bad: [
      ...world,
      sidecar({}),
      sidecar({ workloadSelector: { labels: v1 }, egress: egress("cart.shop.svc.cluster.local") }, "other"),
    ],
    at: ["Sidecar shop/cart spec", "Sidecar shop/other spec.egress[0].hosts[0]"],
    good: [...world, sidecar({ egress: egress("./*", "istio-system/*") })],
  },
  {
    code: "IST0110",
    name: "two for one workload",
    bad: [
      ...world,
      sidecar({ workloadSelector: { labels: { app: "cart" } }, egress: egress("./*") }),
      sidecar({ workloadSelector: { labels: { version: "v1" } }, egress: egress("./*") }, "other"),
    ],
    at: ["Sidecar shop/cart spec.workloadSelector.labels", "Sidecar shop/other spec.workloadSelector.labels"],
    good: [
      ...world,
      sidecar({ workloadSelector: { labels: { version: "v2" } }, egress: egress("./*") }),
      sidecar({ workloadSelector: { labels: { version: "v1" } }, egress: egress("./*") }, "other"),
    ],
  },
  {
    code: "IST0111",
    name: "two for one namespace",
    bad: [...world, sidecar({ egress: egress("./*") }), sidecar({ egress: egress("./*") }, "other")],
    at: ["Sidecar shop/cart metadata.namespace", "Sidecar shop/other metadata.namespace"],
    good: [...world, sidecar({ egress: egress("./*") }), sidecar({ egress: egress("./*") }, "other", "blog")],
  },
  {
    code: "IST0101",
    name: "a Sidecar for nobody",
    bad: [...world, sidecar({ workloadSelector: { labels: { app: "card" } }, egress: egress("./*") })],
    at: "Sidecar shop/cart spec.workloadSelector.labels",
    good: [...world, sidecar({ workloadSelector: { labels: { app: "cart" } }, egress: egress("./*") })],
  },
  {
    code: "IST0167",
    name: "a Sidecar in ambient",
    bad: [space("shop", { "istio.io/dataplane-mode": "ambient" }), sidecar({ egress: egress("./*") })],
    at: "Sidecar shop/cart metadata.namespace",
    good: [shop, sidecar({ egress: egress("./*") })],
  },
  {
    code: "KIA1004",
    name: "a Service in the wrong namespace",
    bad: [space("blog"), ...world, sidecar({ egress: egress("blog/cart.blog.svc.cluster.local") })],
    at: "Sidecar shop/cart spec.egress[0].hosts[0]",
    good: [space("blog"), ...world, sidecar({ egress: egress("shop/cart.shop.svc.cluster.local") })],
  },
  {
    code: "KIA1006",
    name: "the mesh's default for some",
    bad: [
      deployment({ namespace: "istio-system" }),
      sidecar(
        { workloadSelector: { labels: { app: "cart" } }, egress: egress("./*") },
        "default",
        "istio-system",
      ),
    ],
    at: "Sidecar istio-system/default spec.workloadSelector.labels",
    good: [sidecar({ egress: egress("./*") }, "default", "istio-system")],
  },
  {
    code: "KIA1007",
    name: "a policy without mode",
    bad: [...world, sidecar({ outboundTrafficPolicy: {} })],
    at: "Sidecar shop/cart spec.outboundTrafficPolicy",
    good: [...world, sidecar({ outboundTrafficPolicy: { mode: "ALLOW_ANY" } })],
  },
];
