import { describe, expect, it } from "vitest";
import { renderHttpbin } from "../../components/apps/httpbin";
import type { KubeObject } from "../../components/lib/objects";
import { scenarios } from "../../components/traffic/scenarios";
import { readWords, UsageError } from "../../scripts/lib/command-line";
import type { LivePod } from "../../scripts/lib/traffic/cluster";
import { differences, howToSwitchOn, missing } from "../../scripts/lib/traffic/declared";
import type { Kubectl } from "../../scripts/lib/traffic/kubectl";
import { commandLine, optionsOf } from "../../scripts/lib/traffic/options";
import { Outside, renderOutside } from "../../scripts/lib/traffic/outside";
import { wayOf } from "../../scripts/lib/traffic/route";
import { runOf } from "./support";

const rule = (spec: object): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "reviews", namespace: "bookinfo" },
  spec,
});

describe("missing", () => {
  const declared = rule({ host: "reviews", subsets: [{ name: "v1", labels: { version: "v1" } }] });
  it("is nothing where the cluster has what is declared, whatever it keeps beside", () => {
    const live = { ...declared, metadata: { ...declared.metadata, uid: "1" }, status: { seen: true } };
    expect(missing([declared], [live])).toEqual([]);
  });

  it("names an object that is not there, and the first field that differs", () => {
    const live = rule({ host: "reviews", subsets: [{ name: "v1", labels: { version: "v2" } }] });
    expect(missing([declared], [])).toEqual(["DestinationRule bookinfo/reviews is missing"]);
    expect(missing([declared], [live])).toEqual([
      'DestinationRule bookinfo/reviews is different, spec.subsets[0].labels.version: declared "v1", there "v2"',
    ]);
  });

  it("takes Istio's own objects exactly, and defaults of others as they come", () => {
    const more = rule({ ...(declared.spec as object), exportTo: ["."] });
    expect(missing([declared], [more])).toEqual([
      'DestinationRule bookinfo/reviews is different, spec.exportTo: declared nothing, there ["."]',
    ]);
    expect(differences({ replicas: 1 }, { replicas: 1, revisionHistoryLimit: 10 }, false)).toEqual([]);
    expect(differences({ ports: [1, 2] }, { ports: [1] }, false)).toEqual([
      "ports: declared [1,2], there [1]",
    ]);
  });

  it("says what to write into the config", () => {
    const scenario = Object.values(scenarios).find(({ name }) => name === "httpbin-mirror");
    expect(scenario && howToSwitchOn(scenario, "lab", "Pulumi.lab.yaml")).toBe(
      [
        "Put this into Pulumi.lab.yaml, then run `npm run up -- --stack lab`:",
        "  mesh-platform:apps: { httpbin: {versions: [v1,v2]}, fortio: {} }",
        "  mesh-platform:traffic: { scenarios: [httpbin-mirror] }",
      ].join("\n"),
    );
  });
});

const pod = (
  namespace: string,
  podName: string,
  labels: Record<string, string>,
  more: Partial<LivePod> = {},
) => ({
  ...{
    name: `${namespace}/${podName}`,
    namespace,
    podName,
    labels,
    version: labels.version ?? "",
    ip: "10.0.0.1",
  },
  ...{ containers: ["x", "istio-proxy"], ready: true, image: "fortio:1" },
  ...more,
});
const fortio: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "fortio", namespace: "fortio" },
  spec: { selector: { matchLabels: { app: "fortio" } } },
};
const gateway: KubeObject = {
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name: "door", namespace: "httpbin" },
  spec: { selector: { istio: "ingressgateway" } },
};
const service: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
  spec: { selector: { istio: "ingressgateway" }, ports: [{ port: 80 }] },
};

describe("wayOf", () => {
  const client = pod("fortio", "fortio-1", { app: "fortio" });
  const doors = ["a", "b"].map((name) => pod("istio-system", name, { istio: "ingressgateway", app: "gw" }));

  it("goes from the client to the Service, and the client's proxy counts", () => {
    const { url, proxies } = wayOf(runOf(), [fortio], [client]);
    expect([url, proxies]).toEqual(["http://reviews.bookinfo:9080/reviews/0", [client]]);
  });

  it("goes to the Service of the gateway under the host's name, and all of its pods count", () => {
    const request = { ...runOf().request, host: "shop.example.com", port: 80 };
    const run = runOf({ via: "gateway", gateway: "httpbin/door", request });
    const way = wayOf(
      run,
      [fortio, ...renderHttpbin({ namespace: "httpbin" }), gateway, service],
      [client, ...doors],
    );
    expect(way.url).toBe("http://istio-ingressgateway.istio-system:80/reviews/0");
    expect(way.request.headers).toEqual({ Host: "shop.example.com" });
    expect(way.proxies).toEqual(doors);
  });

  it.each([
    [[], [client], /there is no Deployment fortio\/fortio, .*: switch on apps.fortio/],
    [[fortio], [{ ...client, ready: false }], /no pod of fortio\/fortio is ready/],
    [[fortio], [{ ...client, containers: ["fortio"] }], /the pod fortio\/fortio-1 has no proxy/],
  ])("says what is not there", (objects, pods, message) => {
    expect(() => wayOf(runOf(), objects, pods)).toThrow(message);
  });

  it.each([
    [[fortio], doors, /there is no Gateway httpbin\/door/],
    [[fortio, gateway], [], /no pod of a gateway is ready that the Gateway httpbin\/door selects/],
    [[fortio, gateway], doors, /no Service has the port 9080 of the gateway's pods/],
  ])("says what of a gateway is not there", (objects, pods, message) => {
    const run = runOf({ via: "gateway", gateway: "httpbin/door" });
    expect(() => wayOf(run, objects, [client, ...pods])).toThrow(message);
  });
});

describe("clients from outside", () => {
  it("are pods without a proxy, which go away by themselves", () => {
    expect(renderOutside("mesh-platform-traffic-7", "fortio", "fortio:1")).toMatchObject({
      metadata: { namespace: "fortio", labels: { "sidecar.istio.io/inject": "false" } },
      spec: { activeDeadlineSeconds: 3600, automountServiceAccountToken: false },
    });
  });

  it("are made once, and deleted at the end", async () => {
    const calls: string[] = [];
    const run = (args: readonly string[]) => Promise.resolve(String(calls.push(args.join(" "))));
    const outside = new Outside({ run } as unknown as Kubectl);
    const client = pod("fortio", "fortio-1", { app: "fortio" });
    const senders = await Promise.all([outside.sender(client), outside.sender(client)]);
    const name = `mesh-platform-traffic-${process.pid}`;
    expect(senders[1]).toEqual({ namespace: "fortio", pod: name, container: "fortio" });
    await outside.leave();
    await outside.leave();
    expect(calls).toEqual([
      "create -f -",
      `wait pod/${name} --for=condition=Ready --timeout=90s --namespace fortio`,
      `delete pod/${name} --namespace fortio --ignore-not-found --wait=false`,
    ]);
  });
});

describe("npm run traffic", () => {
  const known = ["reviews-split", "reviews-random", "lab-hash"];
  const read = (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    optionsOf(readWords(commandLine, words, env), known, env);

  it("has defaults", () => {
    expect(read(["lab-hash", "lab-hash"])).toEqual({
      ...{ scenarios: ["lab-hash"], stack: "dev", list: false, output: "text" },
    });
    expect(read(["lab-hash", "--requests", "5000", "-s", "x"])).toMatchObject({ requests: 5000, stack: "x" });
    expect(read(["--list"], { PULUMI_STACK: "lab" })).toMatchObject({ list: true, stack: "lab" });
  });

  it("tells all that is wrong with scenarios at once", () => {
    expect(() => read(["reviews-splt", "lab-hash", "--report", "a.html"])).toThrow(
      [
        "reviews-splt: no such scenario, perhaps reviews-split, reviews-random; --list names all",
        "--report is for one scenario; each of several has a file of its own",
      ].join("\n"),
    );
  });

  it.each([
    [[], "name a scenario, or write --list"],
    [["--frm"], "unknown option '--frm'"],
    [["lab-hash", "--output", "xml"], "argument 'xml' is invalid. Allowed choices are text, json."],
    [["lab-hash", "--requests", "0"], "argument '0' is invalid. Write a number from 1 to 9999999."],
  ])("refuses %j", (words, text) => {
    expect(() => read(words)).toThrow(UsageError);
    expect(() => read(words)).toThrow(text);
  });
});
