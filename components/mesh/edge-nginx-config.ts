import type { CertificatePems } from "./gateway-modes";

/** Where requests go: the ingress gateway. */
export interface EdgeUpstream {
  /** Name in nginx's config. Letters, digits and hyphens. */
  readonly name: string;
  /** DNS name of the Service, or its cluster address. A name is looked up when nginx reads its config. */
  readonly host: string;
  readonly port: number;
}

/** Host names that are served alike. */
export interface EdgeServer {
  /** Name of the file, and of the server in messages. Letters, digits and hyphens. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly upstream: EdgeUpstream;
  /** `grpc` passes HTTP/2 on. Default `http`: HTTP/1.1 to the upstream, whatever the client speaks. */
  readonly protocol?: "http" | "grpc" | undefined;
  /** Pass upgrades of a connection on. Default true; means nothing for `grpc`. */
  readonly websocket?: boolean | undefined;
  /** Seconds without a byte after which a request ends. Default: nginx's, 60. */
  readonly readTimeoutSeconds?: number | undefined;
  /** Certificate for HTTPS. Default: plain HTTP alone. */
  readonly tls?: EdgeTls | undefined;
}

export interface EdgeTls {
  /** Secret with tls.crt and tls.key in nginx's namespace. */
  readonly secretName: string;
  /** What is in the Secret. Default: others make it. */
  readonly pems?: CertificatePems | undefined;
  /** Send clients of plain HTTP to HTTPS. Default true. */
  readonly redirect?: boolean | undefined;
  /** Oldest version that clients may speak. Default 1.2. */
  readonly minVersion?: "1.2" | "1.3" | undefined;
}

export interface EdgeConfig {
  readonly servers: readonly EdgeServer[];
  /** What other host names get. `page` is nginx's own page, as in source document 003. Default `notFound`. */
  readonly fallback?: "notFound" | "page" | undefined;
  /** Listen on IPv6 too. Default true; false where the kernel has none, as nginx would not start. */
  readonly ipv6?: boolean | undefined;
}

/** A directive: its words, and those inside of it. */
type Directive = readonly [words: string, inside?: readonly Directive[]];

const safe = { name: /^[a-zA-Z0-9-]+$/, host: /^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/ } as const;

/** What stands in the config as it is must not be able to end a directive. */
function checked(kind: keyof typeof safe, value: string, owner: string): string {
  if (safe[kind].test(value)) return value;
  const allowed = kind === "host" ? "a host name or address in lower case" : "letters, digits and hyphens";
  throw new Error(`edge nginx, server ${owner}: ${kind} is ${value}; allowed: ${allowed}; correct it`);
}

const listen = (port: string, ipv6: boolean): Directive[] =>
  ["", ...(ipv6 ? ["[::]:"] : [])].map((address): Directive => [`listen ${address}${port}`]);

const health = "/-/healthy";

/** A path that nginx answers by itself with 200, for the name `localhost`. */
export const edgeHealthPath = ({ fallback }: EdgeConfig) => (fallback === "page" ? "/" : health);

const pages: Readonly<Record<"notFound" | "page", readonly Directive[]>> = {
  notFound: [
    [`location = ${health}`, [["access_log off"], ["return 200"]]],
    ["location /", [["return 404"]]],
  ],
  page: [
    ["location /", [["root /usr/share/nginx/html"], ["index index.html index.htm"]]],
    ["error_page 500 502 503 504 /50x.html"],
    ["location = /50x.html", [["root /usr/share/nginx/html"]]],
  ],
};

/** Files of `/etc/nginx/conf.d` by name. nginx reads them by the alphabet. */
export function renderEdgeConfig(config: EdgeConfig): Record<string, string> {
  const { servers, ipv6 = true } = config;
  const upgrades = servers.some(({ protocol, websocket }) => protocol !== "grpc" && websocket !== false);
  return {
    "default.conf": write(renderFallback(config, ipv6)),
    ...(upgrades ? { "connection-upgrade.conf": write([upgradeMap]) } : {}),
    ...Object.fromEntries(
      servers.map((server) => [
        `${checked("name", server.name, server.name)}.conf`,
        write(renderServer(server, ipv6)),
      ]),
    ),
  };
}

/** For names that no server has. Without a word nginx would take the server that it reads first. */
function renderFallback({ servers, fallback = "notFound" }: EdgeConfig, ipv6: boolean): Directive[] {
  const isFirst = fallback === "page" && servers.every(({ name }) => name > "default");
  const plain = [
    ...listen(isFirst ? "80" : "80 default_server", ipv6),
    ["server_name localhost"] as const,
    ...pages[fallback],
  ];
  const secure = [...listen("443 ssl default_server", ipv6), ["ssl_reject_handshake on"] as const];
  const hasTls = servers.some(({ tls }) => tls !== undefined);
  return [["server", plain], ...(hasTls ? [["server", secure] as const] : [])];
}

/** Without an upgrade the header is empty, so that the connection to the gateway can be used again. */
const upgradeMap: Directive = ["map $http_upgrade $connection_upgrade", [["default upgrade"], ["'' ''"]]];

function renderServer(server: EdgeServer, ipv6: boolean): Directive[] {
  const { name, hosts, upstream, tls } = server;
  refuse(server);
  const names: Directive = [`server_name ${hosts.map((host) => checked("host", host, name)).join(" ")}`];
  const target = `${checked("host", upstream.host, name)}:${upstream.port}`;
  const location: Directive = ["location /", [...headers(server), ...passing(server)]];
  const plain: Directive =
    tls !== undefined && tls.redirect !== false ? ["return 301 https://$host$request_uri"] : location;
  // `http2` stands here and not in a directive of its own, which nginx before 1.25.1 does not know.
  const secure: Directive[] =
    tls === undefined
      ? []
      : [["server", [...listen("443 ssl http2", ipv6), names, ...certificate(tls, name), location]]];
  return [
    [`upstream ${checked("name", upstream.name, name)}`, [[`server ${target}`]]],
    ["server", [...listen("80", ipv6), names, plain]],
    ...secure,
  ];
}

function refuse({ name, hosts, protocol, tls }: EdgeServer): void {
  if (hosts.length === 0) {
    throw new Error(`edge nginx, server ${name}: hosts is empty; allowed: one or more; name one`);
  }
  // On port 80 nginx cannot tell HTTP/2 from HTTP/1.1 for some servers and not for others.
  if (protocol === "grpc" && (tls === undefined || tls.redirect === false)) {
    throw new Error(
      `edge nginx, server ${name}: protocol is grpc without TLS; allowed: grpc with TLS alone; give it tls`,
    );
  }
}

function certificate({ secretName, minVersion = "1.2" }: EdgeTls, owner: string): Directive[] {
  const folder = `/etc/nginx/tls/${checked("host", secretName, owner)}`;
  return [
    [`ssl_certificate ${folder}/tls.crt`],
    [`ssl_certificate_key ${folder}/tls.key`],
    [`ssl_protocols ${minVersion === "1.3" ? "TLSv1.3" : "TLSv1.2 TLSv1.3"}`],
  ];
}

/** The gateway sees nginx as its client; these tell it who the real one is. */
function headers({ protocol, websocket, tls }: EdgeServer): Directive[] {
  const set = protocol === "grpc" ? "grpc_set_header" : "proxy_set_header";
  const upgrade = protocol !== "grpc" && websocket !== false;
  return [
    [`${set} Host $host`],
    [`${set} X-Real-IP $remote_addr`],
    [`${set} X-Forwarded-For $proxy_add_x_forwarded_for`],
    ...(tls === undefined ? [] : [[`${set} X-Forwarded-Proto $scheme`] as const]),
    ...(upgrade
      ? ([[`${set} Upgrade $http_upgrade`], [`${set} Connection $connection_upgrade`]] as const)
      : []),
  ];
}

function passing({ protocol, upstream, readTimeoutSeconds }: EdgeServer): Directive[] {
  const grpc = protocol === "grpc";
  const timeout = `${grpc ? "grpc" : "proxy"}_read_timeout ${readTimeoutSeconds}s`;
  return [
    ...(readTimeoutSeconds === undefined ? [] : [[timeout] as const]),
    ...(grpc ? [] : [["proxy_http_version 1.1"] as const]),
    [grpc ? `grpc_pass grpc://${upstream.name}` : `proxy_pass http://${upstream.name}`],
  ];
}

function write(directives: readonly Directive[], indent = ""): string {
  return directives
    .map(([words, inside]) =>
      inside === undefined
        ? `${indent}${words};\n`
        : `${indent}${words} {\n${write(inside, `${indent}  `)}${indent}}\n`,
    )
    .join("");
}
