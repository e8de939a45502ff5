import { existsSync } from "node:fs";
import { join } from "node:path";
import { chartName, chartsDir } from "../../components/sandbox/mirror/chart-name";
import { defaultMirrorDir } from "../../components/sandbox/mirror/mirror";
import { meshVersions } from "../../components/sandbox/mirror/versions";

const built = (...path: string[]) => join(defaultMirrorDir(), "build", ...path);

/** Programs and files of the sandbox's mirror, with the group of `npm run mirror` that makes each. */
const wanted = {
  etcd: ["", built("etcd", "etcd")],
  kubeadm: ["", built("kubernetes", "kubeadm")],
  apiServer: ["", built("kubernetes", "kube-apiserver")],
  istiod: ["--mesh", built("istio", "pilot-discovery")],
  agent: ["--mesh", built("istio", "pilot-agent")],
  envoy: ["--mesh", built("envoy", "envoy")],
  bootstrap: ["--mesh", built("istio-sources", "envoy_bootstrap_tmpl.json")],
  istioctl: ["--mesh", built("istio-tools", "istioctl")],
  baseChart: ["--mesh", join(defaultMirrorDir(), "files", chartsDir, chartName("base", meshVersions.istio))],
  gatewayApi: ["--mesh", built("gateway-api", "standard-install.yaml")],
  promtool: ["--addons", built("prometheus", "promtool")],
  rateLimit: ["--addons", built("ratelimit", "ratelimit")],
  /** The root of an image; its programs run by its own loader. */
  redis: ["--addons", built("debian-redis")],
} as const;

export type Program = keyof typeof wanted;

/** Where a program lies. Throws where it is missing: these tests are worth nothing on stand-ins. */
export function program(name: Program): string {
  const [group, path] = wanted[name];
  if (!existsSync(path)) {
    const make = ["npm run mirror", ...(group === "" ? [] : [`-- ${group}`])].join(" ");
    throw new Error(`${path} is missing: ${make} makes it`);
  }
  return path;
}

/** Version of the control plane that is run. */
export const istioVersion = meshVersions.istio;
