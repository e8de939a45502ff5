import * as pulumi from "@pulumi/pulumi";
import { analyse } from "../components/lib/checks";
import { collectDeclared } from "../components/lib/declared";
import { declaredOnce } from "../components/lib/duplicates";
import { refuse } from "../components/lib/refusal";
import { aliyunSlbCheck } from "../components/mesh/aliyun-slb-checks";
import { meshChecks } from "../components/mesh/checks";
import { loadBalancerCheck } from "../components/mesh/exposure-checks";
import { hostNetworkCheck } from "../components/mesh/exposure-host-network";
import { gatewayRouteCheck } from "../components/mesh/gateway-route-checks";
import { nodePortCheck, parseNodePortRange } from "../components/mesh/node-ports";
import { renderingCodes, trafficChecksFor } from "../components/traffic/analysis";
import { canariesAmong, refuseSecondOwners } from "../components/traffic/delivery/ownership";
import type { Platform } from "./config/load";

/** Every check that looks at the objects of a program, with what the config says of the cluster around them. */
export const checksFor = ({ config, members, tier }: Platform) => [
  declaredOnce,
  ...meshChecks,
  nodePortCheck(parseNodePortRange(config.kubernetes.extraArgs.apiServer["service-node-port-range"])),
  loadBalancerCheck(config.network.loadBalancerImplementation),
  aliyunSlbCheck,
  hostNetworkCheck(
    members.map(({ name, labels }) => ({ name, labels: { ...kubeletLabels(name), ...labels } })),
  ),
  gatewayRouteCheck(config.mesh === false ? undefined : config.mesh.namespace),
  ...trafficChecksFor({ nodes: members.map(({ name }) => name), tier: { name: tier } }),
];

/** What every kubelet says of its node by itself. */
const kubeletLabels = (name: string) => ({ "kubernetes.io/os": "linux", "kubernetes.io/hostname": name });

/**
 * Runs a program and looks at every object that it has declared. Errors end the preview, all of them at once, before
 * `up` has touched anything; what a preview cannot know yet is passed over.
 */
export async function analysed<T>(platform: Platform, program: () => Promise<T>): Promise<T> {
  const declared = collectDeclared();
  const outputs = await program();
  const objects = declared.objects();
  const findings = analyse(objects, checksFor(platform), { elsewhere: Object.keys(renderingCodes) });
  refuse(findings, { warning: (text) => void pulumi.log.warn(text.replace(/^warning /, "")) });
  // Services too, which no check of single objects takes for rivals of a Canary.
  refuseSecondOwners(canariesAmong(objects), objects);
  return outputs;
}
