import type { Deviations } from "../../stacks/presets/documents";

/** One object as a source document prints it, and what of it is otherwise here, with the reason. */
export interface Printed {
  readonly document: string;
  readonly object: object;
  readonly deviations?: Deviations;
}

const v1alpha3 = {
  apiVersion: {
    ours: "networking.istio.io/v1",
    why: "the same schema; v1alpha3 is the spelling of Istio before 1.22",
  },
} as const;

/** The documents live in the namespace `default`, which they do not print. */
const none = {} as const;

const pages = [
  { uri: { exact: "/productpage" } },
  { uri: { prefix: "/static" } },
  { uri: { exact: "/login" } },
  { uri: { exact: "/logout" } },
  { uri: { prefix: "/api/v1/products" } },
];

const gateway = (name: string, host: string, namespace?: string) => ({
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "Gateway",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: [host] }],
  },
});

const bookinfoService = (host: string) => ({
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "VirtualService",
  metadata: { name: "bookinfo" },
  spec: {
    hosts: [host],
    gateways: ["bookinfo-gateway"],
    http: [{ match: pages, route: [{ destination: { host: "productpage", port: { number: 9080 } } }] }],
  },
});

/** Documents 001 and 002, with `*` and with a host name. */
export const bookinfoDoor = (host: string): Printed[] => [
  { document: "001, 002", object: gateway("bookinfo-gateway", host), deviations: v1alpha3 },
  { document: "001, 002", object: bookinfoService(host), deviations: v1alpha3 },
];

/** Document 003's own names for the same application. */
export const luffyDoor: Printed[] = [
  {
    document: "003",
    object: gateway("productpage-gateway", "bookinfo.luffy.com", "bookinfo"),
    deviations: v1alpha3,
  },
  {
    document: "003",
    object: {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "VirtualService",
      metadata: { name: "vs-bookinfo", namespace: "bookinfo" },
      spec: {
        gateways: ["productpage-gateway"],
        hosts: ["bookinfo.luffy.com"],
        http: [{ route: [{ destination: { host: "productpage", port: { number: 9080 } } }] }],
      },
    },
    deviations: v1alpha3,
  },
];

/** Document 001 prints these three of bookinfo. */
export const productpage: Printed[] = [
  {
    document: "001",
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "productpage", labels: { app: "productpage", service: "productpage" } },
      spec: { ports: [{ port: 9080, name: "http" }], selector: { app: "productpage" } },
    },
  },
  {
    document: "001",
    object: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "bookinfo-productpage", labels: { account: "productpage" } },
    },
  },
  {
    document: "001",
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "productpage-v1", labels: { app: "productpage", version: "v1" } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "productpage", version: "v1" } },
        template: {
          metadata: { labels: { app: "productpage", version: "v1" } },
          spec: {
            serviceAccountName: "bookinfo-productpage",
            containers: [
              {
                name: "productpage",
                image: "docker.io/istio/examples-bookinfo-productpage-v1:1.16.2",
                imagePullPolicy: "IfNotPresent",
                ports: [{ containerPort: 9080 }],
                volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
              },
            ],
            volumes: [{ name: "tmp" }],
          },
        },
      },
    },
    deviations: {
      "spec.template.spec.containers.0.image": {
        ours: "docker.io/istio/examples-bookinfo-productpage-v1:1.20.3",
        why: "the tag of Istio's present samples",
      },
      "spec.template.spec.containers.0.volumeMounts.0.name": {
        ours: "scratch-0",
        why: "volumes are named by one rule for all applications",
      },
      "spec.template.spec.volumes.0.name": { ours: "scratch-0", why: "the same volume" },
    },
  },
];

export const proxyCom: Printed[] = [
  { document: "000", object: gateway("nginx-gateway", "nginx.bbotte.com"), deviations: v1alpha3 },
  {
    document: "000",
    object: {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "VirtualService",
      metadata: { name: "nginx" },
      spec: {
        hosts: ["nginx.bbotte.com"],
        gateways: ["nginx-gateway"],
        http: [
          {
            match: [{ uri: { prefix: "/" } }],
            route: [{ destination: { host: "proxy-com", port: { number: 80 } } }],
          },
        ],
      },
    },
    deviations: v1alpha3,
  },
];

const webService = (name: string, selector: object) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector, ports: [{ name: "http", port: 8080, targetPort: 8080, protocol: "TCP" }] },
});

const mended = (server: string) => ({
  "spec.selector.app": {
    ours: undefined,
    why: `no pod of the document has the label app: ${server}; they have server: ${server} and app: web`,
  },
});

export const webDemo: Printed[] = [
  {
    document: "002",
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "client" },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "client" } },
        template: {
          metadata: { labels: { app: "client" } },
          spec: {
            containers: [
              {
                name: "busybox",
                image: "busybox",
                imagePullPolicy: "IfNotPresent",
                command: ["/bin/sh", "-c", "sleep 3600"],
              },
            ],
          },
        },
      },
    },
    deviations: {
      "spec.template.spec.containers.0.image": {
        ours: "docker.io/library/busybox:1.36",
        why: "without a tag it is whatever is newest",
      },
      "spec.template.spec.containers.0.command.2": {
        ours: "while true; do sleep 3600; done",
        why: "the document's client ends each hour, which counts as a crash",
      },
    },
  },
  {
    document: "002",
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "httpd", labels: { server: "httpd", app: "web" } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { server: "httpd", app: "web" } },
        template: {
          metadata: { name: "httpd", labels: { server: "httpd", app: "web" } },
          spec: {
            containers: [
              {
                name: "busybox",
                image: "busybox",
                imagePullPolicy: "IfNotPresent",
                command: [
                  "/bin/sh",
                  "-c",
                  "echo 'hello httpd' > /var/www/index.html; httpd -f -p 8080 -h /var/www",
                ],
              },
            ],
          },
        },
      },
    },
    deviations: {
      "spec.template.metadata.name": { ours: undefined, why: "Kubernetes names pods itself" },
      "spec.template.spec.containers.0.image": {
        ours: "docker.io/library/busybox:1.36",
        why: "without a tag it is whatever is newest",
      },
    },
  },
  {
    document: "002",
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "tomcat", labels: { server: "tomcat", app: "web" } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { server: "tomcat", app: "web" } },
        template: {
          metadata: { name: "tomcat", labels: { server: "tomcat", app: "web" } },
          spec: {
            containers: [
              {
                name: "tomcat",
                image: "docker.io/kubeguide/tomcat-app:v1",
                imagePullPolicy: "IfNotPresent",
              },
            ],
          },
        },
      },
    },
    deviations: {
      "spec.template.metadata.name": { ours: undefined, why: "Kubernetes names pods itself" },
    },
  },
  {
    document: "002",
    object: webService("tomcat-svc", { app: "tomcat" }),
    deviations: mended("tomcat"),
  },
  { document: "002", object: webService("httpd-svc", { app: "httpd" }), deviations: mended("httpd") },
  { document: "002", object: webService("web-svc", { app: "web" }) },
];

const bill = (version: string, text: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    labels: { service: "bill-service", version },
    name: `bill-service-${version}`,
    namespace: "istio-demo",
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { service: "bill-service", version } },
    template: {
      metadata: { labels: { service: "bill-service", version } },
      spec: {
        containers: [
          {
            image: "nginx:alpine",
            name: "bill-service",
            command: [
              "/bin/sh",
              "-c",
              `echo '${text}'>/usr/share/nginx/html/index.html;nginx -g 'daemon off;'`,
            ],
          },
        ],
      },
    },
  },
});

const nginxTag = {
  "spec.template.spec.containers.0.image": {
    ours: "docker.io/library/nginx:1.28-alpine",
    why: "a line of versions in place of whatever is newest",
  },
} as const;

const front = (version: string, more: object) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    labels: { app: "front-tomcat", version },
    name: `front-tomcat-${version}`,
    namespace: "istio-demo",
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "front-tomcat", version } },
    template: {
      metadata: { labels: { app: "front-tomcat", version } },
      spec: {
        containers: [{ image: "consol/tomcat-7.0:latest", name: "front-tomcat", ...more }],
      },
    },
  },
});

const tomcatName = {
  "spec.template.spec.containers.0.image": {
    ours: "docker.io/consol/tomcat-7.0:latest",
    why: "the same image by its full name",
  },
} as const;

export const billDemo: Printed[] = [
  { document: "003", object: bill("v1", "this is bill-service-v1"), deviations: nginxTag },
  { document: "003", object: bill("v2", "hello, this is bill-service-v2"), deviations: nginxTag },
  {
    document: "003",
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        labels: { service: "bill-service" },
        name: "bill-service",
        namespace: "istio-demo",
      },
      spec: {
        ports: [{ name: "http", port: 9999, protocol: "TCP", targetPort: 80 }],
        selector: { service: "bill-service" },
        type: "ClusterIP",
      },
    },
  },
  { document: "003", object: front("v1", none), deviations: tomcatName },
  {
    document: "003",
    object: front("v2", {
      command: [
        "/bin/sh",
        "-c",
        "echo 'hello tomcat version2'>/opt/tomcat/webapps/ROOT/index.html;/opt/tomcat/bin/deploy-and-run.sh;",
      ],
    }),
    deviations: tomcatName,
  },
  {
    document: "003",
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { labels: { app: "front-tomcat" }, name: "front-tomcat", namespace: "istio-demo" },
      spec: {
        ports: [{ name: "http", port: 8080, protocol: "TCP", targetPort: 8080 }],
        selector: { app: "front-tomcat" },
        type: "ClusterIP",
      },
    },
  },
  {
    document: "003",
    object: gateway("front-tomcat-gateway", "tomcat.istio-demo.com", "istio-demo"),
    deviations: v1alpha3,
  },
  {
    document: "003",
    object: {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "VirtualService",
      metadata: { name: "gateway-front-tomcat", namespace: "istio-demo" },
      spec: {
        gateways: ["front-tomcat-gateway"],
        hosts: ["tomcat.istio-demo.com"],
        http: [
          {
            name: "front-tomcat-route",
            route: [
              { destination: { host: "front-tomcat", subset: "v1" }, weight: 90 },
              { destination: { host: "front-tomcat", subset: "v2" }, weight: 10 },
            ],
          },
        ],
      },
    },
    deviations: {
      ...v1alpha3,
      ...Object.fromEntries(
        ["name", "route.0.destination.subset", "route.0.weight"].map((key) => [
          `spec.http.0.${key}`,
          { ours: undefined, why: "the split is a traffic policy, not part of the way in" },
        ]),
      ),
      ...Object.fromEntries(
        ["destination.host", "destination.subset", "weight"].map((key) => [
          `spec.http.0.route.1.${key}`,
          { ours: undefined, why: "the split is a traffic policy, not part of the way in" },
        ]),
      ),
    },
  },
];

const httpbinDeployment = (version: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: `httpbin-${version}`, namespace: "bookinfo" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "httpbin", version } },
    template: {
      metadata: { labels: { app: "httpbin", version } },
      spec: {
        containers: [
          {
            image: "docker.io/kennethreitz/httpbin",
            imagePullPolicy: "IfNotPresent",
            name: "httpbin",
            command: ["gunicorn", "--access-logfile", "-", "-b", "0.0.0.0:80", "httpbin:app"],
          },
        ],
      },
    },
  },
});

const goPort = {
  image: {
    ours: "docker.io/mccutchen/go-httpbin:v2.15.0",
    why: "the one that Istio's samples have now: maintained, small, without root",
  },
  command: { ours: undefined, why: "the other image starts by itself" },
} as const;

const httpbinDeviations = {
  "spec.template.spec.containers.0.image": goPort.image,
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5].map((at) => [`spec.template.spec.containers.0.command.${at}`, goPort.command]),
  ),
};

export const httpbin: Printed[] = [
  { document: "003", object: httpbinDeployment("v1"), deviations: httpbinDeviations },
  { document: "003", object: httpbinDeployment("v2"), deviations: httpbinDeviations },
  {
    document: "003, 004",
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "httpbin", namespace: "bookinfo", labels: { app: "httpbin" } },
      spec: {
        ports: [{ name: "http", port: 8000, targetPort: 80 }],
        selector: { app: "httpbin" },
      },
    },
    deviations: {
      "spec.ports.0.targetPort": { ours: 8080, why: "a port that needs no root" },
    },
  },
];
