/**
 * Images of the applications by their published names. containerd asks the mirrors of the artifacts for them first; the
 * sandbox's mirror holds most of them as stand-ins (docs/apps.md).
 *
 * Tags are written out where the source documents leave them to chance: one that moves changes pods without a word in
 * the preview.
 */
export const appImages = {
  /** Those of the samples of Istio 1.26 and later. */
  productpage: "docker.io/istio/examples-bookinfo-productpage-v1:1.20.3",
  details: "docker.io/istio/examples-bookinfo-details-v1:1.20.3",
  ratings: "docker.io/istio/examples-bookinfo-ratings-v1:1.20.3",
  reviewsV1: "docker.io/istio/examples-bookinfo-reviews-v1:1.20.3",
  reviewsV2: "docker.io/istio/examples-bookinfo-reviews-v2:1.20.3",
  reviewsV3: "docker.io/istio/examples-bookinfo-reviews-v3:1.20.3",
  httpbin: "docker.io/mccutchen/go-httpbin:v2.15.0",
  fortio: "docker.io/fortio/fortio:1.68.1",
  curl: "docker.io/curlimages/curl:8.16.0",
  /** The only tag of the image that document 004's dns-test uses; it has curl and nslookup. */
  busyboxCurl: "docker.io/radial/busyboxplus:curl",
  busybox: "docker.io/library/busybox:1.36",
  /** The edge's own, so that a cluster needs one nginx only. */
  nginx: "docker.io/library/nginx:1.28-alpine",
  /** The image has this one tag. */
  consolTomcat: "docker.io/consol/tomcat-7.0:latest",
  tomcatApp: "docker.io/kubeguide/tomcat-app:v1",
  gitea: "docker.io/gitea/gitea:1.24.7-rootless",
  mariadb: "docker.io/library/mariadb:10.11",
  drone: "docker.io/drone/drone:1.10.1",
  droneDockerRunner: "docker.io/drone/drone-runner-docker:1.8.3",
  droneKubernetesRunner: "docker.io/drone/drone-runner-kube:1.0.0-rc.3",
} as const;

/** Services of document 004 that come in two versions each. */
export const labServices = ["go", "node", "lua", "python"] as const;
export type LabService = (typeof labServices)[number];

/** Where their author keeps them. */
export const labImage = (service: LabService, version: "v1" | "v2"): string =>
  `registry.cn-shanghai.aliyuncs.com/istio-lab/service-${service}:${version}`;
