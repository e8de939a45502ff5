import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileServer } from "../support/file-server";
import { ScriptHost } from "../support/script-host";
import { tarball } from "../support/tarball";

/** As much of istioctl as the script uses: it notes what it is told to install, and istiod is there. */
const istioctl = (version: string) => `#!/bin/bash
printf '%s\\n' "istioctl $*" >>"$CALLS"
case "$1" in
  version) echo ${version} ;;
  install)
    [ ! -e "$STATE/broken" ] || { echo "cannot install"; exit 1; }
    touch "$STATE/istiod" ;;
esac
`;

/** As much of kubectl as the script uses, on a cluster of a few files. */
const kubectl = `
while :; do
  case "$1" in --kubeconfig | --request-timeout | -n) shift 2 ;; *) break ;; esac
done
case "$1 $2" in
  "get --raw") ;;
  "get namespace") cat "$STATE/noted" 2>/dev/null || true ;;
  "get deployment") [ -e "$STATE/istiod" ] || exit 1 ;;
  "get deployments") echo "istiod \${AVAILABLE:-$(cat "$STATE/available" 2>/dev/null || echo True)}" ;;
  "get mutatingwebhookconfigurations") echo "istio-sidecar-injector $(cat "$STATE/bundle" 2>/dev/null || echo Q0E=)" ;;
  "get validatingwebhookconfigurations") echo "istiod-istio-system Q0E=" ;;
  "annotate namespace") printf '%s' "\${5#*=}" >"$STATE/noted" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac`;

let server: FileServer;
let host: ScriptHost;
beforeEach(async () => {
  server = await FileServer.start();
  server.publish("/istioctl-1.10.0-linux-amd64.tar.gz", tarball({ istioctl: istioctl("1.10.0") }));
  host = new ScriptHost();
  host.patience = 0;
  host.stub("kubectl", kubectl);
  host.stub("uname", 'case "$1" in -m) echo x86_64 ;; *) echo cp1 ;; esac');
});
afterEach(() => {
  host.remove();
  server.stop();
});

const parameters = (document = "kind: IstioOperator\n") => ({
  VERSION: "1.10.0",
  URL: server.url("/istioctl-1.10.0-linux-@ARCH@.tar.gz"),
  CHECKSUM_URL: server.url("/istioctl-1.10.0-linux-@ARCH@.tar.gz.sha256"),
  NAMESPACE: "istio-system",
  DOCUMENT: document,
});
const run = (document?: string) => host.run("components/mesh/scripts/istioctl.sh", parameters(document));
const acts = (calls: readonly string[]) =>
  calls
    .filter((call) => /^istioctl install|annotate/.test(call))
    .map((call) => call.split(" ").slice(0, 2).join(" "));

describe("istioctl.sh", () => {
  it("gets the program, installs, and notes it last", async () => {
    const { code, result, calls } = await run();
    expect([code, result?.changed, acts(calls)]).toEqual([
      0,
      "true",
      ["istioctl install", "kubectl --kubeconfig"],
    ]);
    expect(calls).toContain(
      "istioctl install --kubeconfig /etc/kubernetes/admin.conf -y -f /var/lib/mesh-platform/istio-operator.yaml",
    );
    expect(host.read("/var/lib/mesh-platform/istio-operator.yaml")).toBe("kind: IstioOperator\n\n");
    expect(host.mode("/usr/local/bin/istioctl")).toBe("755");
    expect(host.leftovers()).toEqual([]);
  });

  it("leaves the cluster alone the second time", async () => {
    await run();
    server.asked.length = 0;
    const files = host.files();
    const { result, calls } = await run();
    expect([result?.changed, acts(calls), server.asked]).toEqual(["false", [], []]);
    expect(host.files()).toEqual(files);
  });

  it("installs another document, and what somebody took away", async () => {
    await run();
    expect(acts((await run("kind: IstioOperator\nspec: {}\n")).calls)).toHaveLength(2);
    host.unsetState("istiod");
    expect(acts((await run("kind: IstioOperator\nspec: {}\n")).calls)).toHaveLength(2);
  });

  it("begins again after an install that failed", async () => {
    host.setState("broken", "");
    const failed = await run();
    expect([failed.code, acts(failed.calls)]).toEqual([78, ["istioctl install"]]);
    host.unsetState("broken");
    expect((await run()).code).toBe(0);
  });

  it.each([
    ["istiod is not available", "available", "False", "Istio does not become available"],
    ["the injector is not trusted", "bundle", "", "istiod does not write its certificate into the webhooks"],
  ])("notes nothing while %s", async (_what, state, content, message) => {
    host.setState(state, content);
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, ["istioctl install"]]);
    expect(stderr).toContain(message);
  });

  it("refuses an archive that is not what its publisher says", async () => {
    server.files["/istioctl-1.10.0-linux-amd64.tar.gz"] = "half of it";
    const { code, calls } = await run();
    expect([code, acts(calls), host.has("/usr/local/bin/istioctl")]).toEqual([78, [], false]);
  });
});
