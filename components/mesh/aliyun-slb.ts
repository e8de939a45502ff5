import type { NodePorts } from "./exposure-types";

/** A load balancer of Aliyun (CLB, once SLB) that exists already, filled in by Aliyun's cloud controller manager. */
export interface AliyunSlbExposure {
  readonly kind: "aliyunSlb";
  /** Id of the instance, such as `lb-uf6…`. It is never deleted with the Service. */
  readonly id: string;
  /** As the instance is: in the VPC only, or with a public address. */
  readonly addressType: "intranet" | "internet";
  /**
   * Whether listeners that the instance has on the Service's ports are replaced; then whatever they served is lost.
   * Has no default. With false such listeners stay, and traffic reaches the Service only if they were made for it.
   */
  readonly forceOverrideListeners: boolean;
  /** Default: chosen by the cluster. */
  readonly nodePorts?: NodePorts | undefined;
  /** Default `Local`: the client's address is kept, and only nodes with a pod are backends. */
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
  /** Networks of clients that may come in. Default: everyone. */
  readonly loadBalancerSourceRanges?: readonly string[] | undefined;
  /** How clients are spread over nodes. Default: the instance's own, or `wrr` in Aliyun's advice for `Local`. */
  readonly scheduler?: "wrr" | "rr" | undefined;
  /** Further settings by the name behind the prefix, such as `health-check-type`. Default none. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /**
   * Spelling of the annotations. Controllers since 2019 read both; where both stand, `alibaba-cloud` wins.
   * Default `alibaba-cloud`; source document 000 has `alicloud`.
   */
  readonly annotations?: SlbSpelling | undefined;
}

export type SlbSpelling = "alibaba-cloud" | "alicloud";

/** What every annotation begins with, by spelling. */
export const slbPrefixes: Readonly<Record<SlbSpelling, string>> = {
  "alibaba-cloud": "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-",
  alicloud: "service.beta.kubernetes.io/alicloud-loadbalancer-",
};

/** Fields of the exposure; a second spelling of one of them in `settings` could say something else. */
const owned = ["address-type", "force-override-listeners", "id", "scheduler"];

/** Annotations by which the cloud controller manager ties a Service to the instance. */
export function renderSlbAnnotations(exposure: AliyunSlbExposure): Record<string, string> {
  const { id, addressType, forceOverrideListeners, scheduler } = exposure;
  const foreign = Object.keys(exposure.settings ?? {}).filter((name) => owned.includes(name));
  if (foreign.length > 0) {
    throw new Error(
      `aliyunSlb ${id}: settings has ${foreign.join(", ")}; allowed are others; say it by the field of that meaning`,
    );
  }
  const settings = {
    "address-type": addressType,
    // Annotations are text: a boolean here is refused by the API server.
    "force-override-listeners": String(forceOverrideListeners),
    id,
    ...(scheduler === undefined ? {} : { scheduler }),
    ...exposure.settings,
  };
  const prefix = slbPrefixes[exposure.annotations ?? "alibaba-cloud"];
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** A setting in either spelling; the present one wins, as for the controller. */
export function slbSetting(annotations: Readonly<Record<string, string>>, name: string): string | undefined {
  const { "alibaba-cloud": present, alicloud: former } = slbPrefixes;
  return annotations[`${present}${name}`] ?? annotations[`${former}${name}`];
}

/** Aliyun's annotations among others; where they stand as text, nobody has said yes to what they do. */
export const slbAnnotationsIn = (annotations: Readonly<Record<string, string>>): string[] =>
  Object.keys(annotations).filter((key) =>
    Object.values(slbPrefixes).some((prefix) => key.startsWith(prefix)),
  );
