import type { ImageConfig, ImageItem, MirrorItem } from "./item";

/**
 * What `npm run mirror -- --apps` adds: images under the names and tags of
 * `components/apps/images.ts`, which a test compares with these. go-httpbin and
 * curl are real, nginx is among the add-ons; the rest are stand-ins, one small program that plays whatever its
 * first argument, or its file name, says.
 */
export const appVersions = {
  httpbin: "2.15.0",
  bookinfo: "1.20.3",
} as const;

const Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
const program = "/usr/bin/stand-in";

/** curl with its libraries by a fixed list, as for the other roots. */
const curlPackages = [
  ..."ca-certificates netbase base-files busybox-static libc6 libgcc-s1 curl libcurl4".split(" "),
  ..."libbrotli1 libcom-err2 libdb5.3 libffi8 libgmp10 libgnutls30 libgssapi-krb5-2 libhogweed6".split(" "),
  ..."libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap-2.5-0 libnettle8".split(" "),
  ..."libnghttp2-14 libp11-kit0 libpsl5 librtmp1 libsasl2-2 libsasl2-modules-db libssh2-1 libssl3".split(" "),
  ..."libtasn1-6 libunistring2 libzstd1 zlib1g".split(" "),
];

const roots: MirrorItem[] = [
  { kind: "debian", name: "root-curl", root: true, packages: curlPackages },
  { kind: "tree", name: "root-stand-in", base: "root-static", files: "stand-in" },
  {
    kind: "tree",
    name: "root-stand-in-shell",
    base: "root-curl",
    files: "stand-in",
    // The command of a pod writes its page there.
    folders: { "opt/tomcat/webapps/ROOT": "755" },
  },
];

const programs: MirrorItem[] = [
  {
    kind: "go",
    name: "app-stand-ins",
    programs: { "mesh-platform/mirror/app-stand-ins": "stand-in" },
  },
  {
    kind: "go",
    name: "httpbin",
    programs: { "github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin": "go-httpbin" },
  },
];

/** An image of the one program. All of them share one layer, since only their configs differ. */
function standIn(role: string, ref: string, port: number, more: string[] = [], User?: string): ImageItem {
  return {
    kind: "image",
    name: `image-${ref.replaceAll(/[/:.]/g, "-")}`,
    refs: [ref],
    members: { "": "root-stand-in", "usr/bin/stand-in": "app-stand-ins/stand-in" },
    config: {
      Entrypoint: [program, role],
      Env: [...Env, ...more],
      ExposedPorts: { [`${port}/tcp`]: {} },
      ...(User === undefined ? {} : { User }),
    },
    checks: [[program, role, "-v"]],
  };
}

const book = (role: string, version: number, more: string[] = []) =>
  standIn(
    role,
    `istio/examples-bookinfo-${role}-v${version}:${appVersions.bookinfo}`,
    9080,
    [`SERVICE_VERSION=v${version}`, ...more],
    role === "reviews" ? "1001:1001" : "1000:1000",
  );

const lab = (service: string) =>
  ["v1", "v2"].map((version) =>
    standIn(`service-${service}`, `istio-lab/service-${service}:${version}`, 80, [
      `SERVICE_VERSION=${version}`,
    ]),
  );

/** An image with a shell, because pods start something by one in it. */
const shelled = (name: string, ref: string, config: ImageConfig, checks: string[][]): ImageItem => ({
  kind: "image",
  name: `image-${name}`,
  refs: [ref],
  members: {
    "": "root-stand-in-shell",
    "opt/tomcat/bin/deploy-and-run.sh": "app-stand-ins/stand-in",
  },
  config: { Env, ...config },
  checks: [...checks, ["sh", "-c", "test -s /etc/stand-in"]],
});

const images: MirrorItem[] = [
  book("productpage", 1),
  book("details", 1),
  book("ratings", 1),
  book("reviews", 1),
  book("reviews", 2, ["ENABLE_RATINGS=true"]),
  book("reviews", 3, ["ENABLE_RATINGS=true", "STAR_COLOR=red"]),
  ...["go", "node", "lua", "python"].flatMap(lab),
  {
    kind: "image",
    name: "image-httpbin",
    refs: [`mccutchen/go-httpbin:v${appVersions.httpbin}`],
    members: { "": "root-static", "bin/go-httpbin": "httpbin/go-httpbin" },
    config: { Cmd: ["/bin/go-httpbin"], Env, User: "65532:65532", ExposedPorts: { "8080/tcp": {} } },
    checks: [["/bin/go-httpbin", "-help"]],
  },
  shelled("curl", "curlimages/curl:8.16.0", { Entrypoint: ["curl"], User: "100:101" }, [
    ["curl", "--version"],
  ]),
  shelled("busyboxplus", "radial/busyboxplus:curl", { Cmd: ["/bin/sh"] }, [["nslookup", "--help"]]),
  shelled(
    "consol-tomcat",
    "consol/tomcat-7.0:latest",
    { Cmd: ["/opt/tomcat/bin/deploy-and-run.sh"], ExposedPorts: { "8080/tcp": {} } },
    [["/opt/tomcat/bin/deploy-and-run.sh", "-v"]],
  ),
  standIn("tomcat-app", "kubeguide/tomcat-app:v1", 8080),
  standIn("gitea", "gitea/gitea:1.24.7-rootless", 10000, [], "1000:1000"),
  standIn("mariadb", "library/mariadb:10.11", 3306),
  standIn("drone-server", "drone/drone:1.10.1", 80),
  standIn("drone-runner", "drone/drone-runner-docker:1.8.3", 3000),
  standIn("drone-runner", "drone/drone-runner-kube:1.0.0-rc.3", 3000),
];

export const appItems: MirrorItem[] = [...roots, ...programs, ...images];
