import type { BlockKind, Level } from "./destination-policy";
import type { Block, Site } from "./destination-site";

/** Parts of `loadBalancer` in Istio's form, as far as they are looked at together. */
interface LoadBalancerBlock extends Block {
  readonly simple?: string;
  readonly consistentHash?: Block;
  readonly localityLbSetting?: LocalityBlock;
  readonly zoneAwareLbSetting?: LocalityBlock;
  readonly warmup?: Block;
  readonly warmupDurationSecs?: string;
}

interface LocalityBlock {
  readonly enabled?: boolean;
  readonly distribute?: readonly unknown[];
  readonly failover?: readonly unknown[];
  readonly failoverPriority?: readonly string[];
}

function check(block: LoadBalancerBlock, { at }: Site): void {
  const { simple, consistentHash, localityLbSetting, zoneAwareLbSetting, warmup, warmupDurationSecs } = block;
  if (simple !== undefined && consistentHash !== undefined) {
    at.fault("simple and consistentHash", "one of them", "choose one: a hash is an algorithm of its own");
  }
  if (localityLbSetting !== undefined && zoneAwareLbSetting !== undefined) {
    at.fault("localityLbSetting and zoneAwareLbSetting", "one of them", "choose one");
  }
  const warms = simple === undefined || ["LEAST_REQUEST", "LEAST_CONN", "ROUND_ROBIN"].includes(simple);
  if ((warmup ?? warmupDurationSecs) !== undefined && (consistentHash !== undefined || !warms)) {
    const algorithm = consistentHash === undefined ? simple : "consistentHash";
    at.in("warmup").fault(
      `with ${algorithm}`,
      "LEAST_REQUEST, ROUND_ROBIN",
      "change the algorithm, or leave warmup out",
    );
  }
}

/** Whether a setting does anything before an endpoint was found to be sick. */
const isBlind = ({ enabled, distribute }: LocalityBlock) => enabled !== false && distribute === undefined;

const needsDetection = ({ failover, failoverPriority }: LocalityBlock) =>
  failover !== undefined || failoverPriority !== undefined;

function checkLevel(block: LoadBalancerBlock, { blocks, isSubset }: Level, site: Site): void {
  const { simple, consistentHash, localityLbSetting: locality, zoneAwareLbSetting: zones } = block;
  const blind =
    (locality !== undefined && isBlind(locality)) || (zones !== undefined && needsDetection(zones));
  if (blind && blocks.outlierDetection === undefined) {
    const field = locality === undefined ? "zoneAwareLbSetting" : "localityLbSetting";
    site.at
      .in(field)
      .fault(
        "no outlierDetection",
        "outlierDetection at the same level",
        "add one: without it no place is ever found to fail, and traffic stays where it is",
      );
  }
  if (consistentHash !== undefined && locality !== undefined && locality.enabled !== false) {
    site.note(
      "MP0585",
      "a hash chooses among the endpoints of the caller's own place: callers in two places get two endpoints for one key",
      "leave localityLbSetting out, or set enabled: false in it",
    );
  }
  if (simple === "PASSTHROUGH" && isSubset) {
    site.note(
      "MP0586",
      "PASSTHROUGH sends to the address that was asked for, whatever endpoints the subset has",
      "give the subset another algorithm",
    );
  }
}

export const loadBalancerKind: BlockKind = { name: "loadBalancer", check, checkLevel };
