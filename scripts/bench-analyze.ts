/**
 * `node -r tsx/cjs scripts/bench-analyze.ts [SIZES…]`: how long the analysis takes, and how much processor time, for so
 * many VirtualServices and as many DestinationRules, with the Services and Deployments that they are for.
 */
import { analyse } from "../components/lib/checks";
import type { KubeObject } from "../components/lib/objects";
import { fileChecks } from "./lib/analyze/codes";
import { type CommandLine, runCommand, wholeNumber } from "./lib/command-line";

const object = (apiVersion: string, kind: string, name: string, spec: unknown): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: `team-${Number(name.replace(/\D/g, "")) % 20}` },
  spec,
});

const networking = "networking.istio.io/v1";
const prefix = (text: string) => ({ uri: { prefix: text } });

/** One application: a Service with two versions, its routes and its policies. */
function application(place: number): KubeObject[] {
  const name = `app-${place}`;
  const to = (subset: string, weight: number) => ({ destination: { host: name, subset }, weight });
  const split = {
    route: [to("v1", 90), to("v2", 10)],
    timeout: "10s",
    retries: { attempts: 2, perTryTimeout: "2s" },
  };
  const version = (label: string) =>
    object("apps/v1", "Deployment", `${name}-${label}`, {
      template: {
        metadata: { labels: { app: name, version: label } },
        spec: { containers: [{ name: "app" }] },
      },
    });
  return [
    object("v1", "Service", name, { selector: { app: name }, ports: [{ name: "http", port: 80 }] }),
    ...[version("v1"), version("v2")],
    object(networking, "VirtualService", name, {
      hosts: [name],
      http: [
        { match: [prefix("/api/v1"), prefix("/api/v2")], ...split },
        { match: [{ headers: { "x-user": { exact: "jason" } } }], route: [to("v2", 100)] },
        split,
      ],
    }),
    object(networking, "DestinationRule", name, {
      host: name,
      trafficPolicy: {
        outlierDetection: { consecutive5xxErrors: 5, maxEjectionPercent: 100 },
        connectionPool: { http: { maxRetries: 10 } },
      },
      subsets: [
        { name: "v1", labels: { version: "v1" } },
        { name: "v2", labels: { version: "v2" } },
      ],
    }),
  ];
}

const namespaces = Array.from(
  { length: 20 },
  (_, place): KubeObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: `team-${place}`, labels: { "istio-injection": "enabled" } },
  }),
);

function measure(size: number): void {
  const objects = [...namespaces, ...Array.from({ length: size }, (_, place) => application(place)).flat()];
  const [start, before] = [process.hrtime.bigint(), process.cpuUsage()];
  const findings = analyse(objects, fileChecks);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(before);
  // Of all threads, those that compile and clean up among them: steadier than wall time on a busy computer.
  const cpuSeconds = (user + system) / 1e6;
  console.log(
    `${size} VirtualServices + ${size} DestinationRules (${objects.length} objects): ${seconds.toFixed(2)} s, ` +
      `${cpuSeconds.toFixed(2)} s of processor time, ${((cpuSeconds / size) * 1e6).toFixed(0)} µs each pair, ${findings.length} findings`,
  );
}

const commandLine = {
  typed: "node -r tsx/cjs scripts/bench-analyze.ts",
  what: "Measures the analysis of so many VirtualServices and as many DestinationRules.",
  words: [{ name: "SIZE", what: "how many; default: 250 500 1000 2000 4000", many: true, optional: true }],
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), ({ words }) => {
  const sizes = words.map((word) => wholeNumber(word, "SIZE"));
  for (const size of sizes.length > 0 ? sizes : [250, 500, 1000, 2000, 4000]) measure(size);
});
