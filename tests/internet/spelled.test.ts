/** Every host that the product's code names is in the record, or in the list of those that are not played, with why. */
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../stacks/config/load";
import { upstreamProbes } from "../../stacks/probes";
import { projectFiles, readProjectFile } from "../support/rendered";
import { shippedStacks } from "../support/stack-files";
import { internet } from "./record";

/** Hosts that code names and nobody plays here yet. */
const notPlayed: Readonly<Record<string, string>> = {
  "get.pulumi.com": "the CLI and its plugins, which no registry has built",
  "prometheus-community.github.io": "a chart that only a config which asks for it downloads",
  "grafana-community.github.io": "a chart that only a config which asks for it downloads",
  "jaegertracing.github.io": "a chart that only a config which asks for it downloads",
  "kiali.org": "a chart that only a config which asks for it downloads",
  "docker.elastic.co": "no registry has Elasticsearch's image, so the mirror builds none",
};

/** Hosts of pages for people, of names of schemas, and of examples: nothing is asked of them. */
const notAsked = [
  ...["www.pulumi.com", "go.dev", "kubernetes.io", "etcd.io", "containerd.io", "docs.docker.com"],
  ...["mirantis.github.io", "json.schemastore.org", "json-schema.org"],
  ...["shop.example.com", "mirror.example.com"],
];

const registryHosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

function spelledHosts(): Map<string, string> {
  const found = new Map<string, string>();
  const sources = projectFiles(["components", "stacks", "scripts"], (path) => /\.(ts|cjs|sh)$/.test(path));
  for (const file of sources) {
    const text = readProjectFile(file);
    const urls = [...text.matchAll(/https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+)/g)];
    const images = [
      ...text.matchAll(
        /["'`]((?:[a-z0-9-]+\.)*(?:docker\.io|quay\.io|ghcr\.io|registry\.k8s\.io|elastic\.co))(?=["'`/])/g,
      ),
    ];
    for (const [, host = ""] of [...urls, ...images]) found.set(registryHosts[host] ?? host, file);
  }
  return found;
}

describe("the recorded internet", () => {
  it("knows every host that the code names", () => {
    const known = new Set([...Object.keys(internet), ...Object.keys(notPlayed), ...notAsked]);
    const unknown = [...spelledHosts()].filter(([host]) => !known.has(host));
    expect(unknown).toEqual([]);
  });

  it("lists no host as left out that is played, or that no code names any more", () => {
    const spelled = spelledHosts();
    const stale = [...Object.keys(notPlayed), ...notAsked].filter(
      (host) => internet[host] !== undefined || !spelled.has(host),
    );
    expect(stale).toEqual([]);
  });

  it("knows every host that is asked before a shipped stack is fed by upstream", () => {
    const hosts = shippedStacks.flatMap(({ raw }) =>
      upstreamProbes(parseConfig(raw)).map(({ url }) => new URL(url).host),
    );
    expect(hosts.length).toBeGreaterThan(10);
    expect([...new Set(hosts)].filter((host) => !(host in internet) && !(host in notPlayed))).toEqual([]);
  });
});
