import { atLeast } from "../lib/versions";
import type { AddonProgram } from "./versions";

/** Where projects publish their images, and how they write a version as a tag. */
const published: Readonly<Record<AddonProgram, (version: string) => string>> = {
  prometheus: (version) => `docker.io/prom/prometheus:v${version}`,
  grafana: (version) => `docker.io/grafana/grafana:${version}`,
  // The second generation is one program; of the first one this is the image that has all roles in it.
  jaeger: (version) =>
    `docker.io/jaegertracing/${atLeast(version, "2.0") ? "jaeger" : "all-in-one"}:${version}`,
  kiali: (version) => `quay.io/kiali/kiali:v${version}`,
  elasticsearch: (version) => `docker.elastic.co/elasticsearch/elasticsearch:${version}`,
  kibana: (version) => `docker.elastic.co/kibana/kibana:${version}`,
  fluentBit: (version) => `docker.io/fluent/fluent-bit:${version}`,
  // The plugin for Elasticsearch is in the image for Kubernetes only.
  fluentd: (version) => `docker.io/fluent/fluentd-kubernetes-daemonset:v${version}-debian-elasticsearch8-1.1`,
};

/** Full name of a program's image. containerd asks the mirrors of the artifacts for it first. */
export const imageOf = (program: AddonProgram, version: string): string => published[program](version);

/** Changes the owner of a folder on a node before an unprivileged program writes there. */
export const ownerImage = "docker.io/library/busybox:1.36";
