import { filled } from "../mesh/exposure-fields";
import type { Block, Site } from "./destination-site";
import type { Place } from "./faults";
import { filledText, integer } from "./values";

/** From one region to another when the first one fails. */
export interface Failover {
  /** A region, such as `eu-west`. */
  readonly from: string;
  readonly to: string;
}

/** Where callers of a place are sent. */
export interface Distribution {
  /** The callers' place: `region`, `region/zone`, `region/zone/sub-zone`, `*` at the end for all below it. */
  readonly from: string;
  /** Percent by place; they sum to 100. */
  readonly to: Readonly<Record<string, number>>;
}

/** Endpoints by their place. Takes the place of all that the mesh says about it. */
export interface LocalityArgs {
  /** Default true. `false` takes the mesh's own preference for near endpoints away, which comes with outlier detection. */
  readonly enabled?: boolean;
  /** Default: all to the own place. Not with `failover`. */
  readonly distribute?: readonly Distribution[];
  /** Default: any other region. Only with outlier detection, which finds out that a place fails. */
  readonly failover?: readonly Failover[];
  /** Labels by which endpoints are ordered: those like the caller's first. Default: region, zone, sub-zone. */
  readonly failoverPriority?: readonly string[];
}

/** The own zone first, as far as it can take the traffic. Sidecars need ISTIO_META_ENABLE_SELF_DISCOVERY. */
export interface ZoneAwareArgs {
  /** Default true. */
  readonly enabled?: boolean;
  /** Default: any other region. */
  readonly failover?: readonly Failover[];
  /** Labels by which endpoints are ordered, beside region, zone and sub-zone, which always are. Default none. */
  readonly failoverPriority?: readonly string[];
  /** With fewer endpoints in the region, zones do not count. Default 6. */
  readonly minClusterSize?: number;
}

/** Labels whose order Istio keeps by itself where regions are named. */
const placeLabels = [
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "topology.istio.io/subzone",
];

function checkFailover(list: readonly Failover[] | undefined, at: Place): void {
  list?.forEach(({ from, to }, index) => {
    const here = at.in(index);
    for (const [field, region] of Object.entries({ from, to })) {
      filledText(region, here.in(field));
      if (/[/*]/.test(region))
        here.in(field).fault(region, "a region alone, without * and zone", "name the region");
    }
    if (from === to) here.fault(`${from} to ${to}`, "two regions", "name another region to go to");
  });
}

/** The parts of a place up to a `*`; empty for all places. */
function partsOf(locality: string, at: Place): readonly string[] {
  const parts = locality.split("/");
  const star = locality.indexOf("*");
  if (parts.length > 3 || parts.includes("") || (star >= 0 && star < locality.length - 1)) {
    at.fault(
      locality,
      "region, region/zone, region/zone/sub-zone; * only at the end",
      "correct the spelling",
    );
  }
  return star < 0 ? parts : parts.slice(0, -1);
}

/** Places of which one is within another: which of them is meant would be left to chance. */
function checkOverlaps(localities: readonly string[], at: (index: number) => Place): void {
  const parts = localities.map((locality, index) => partsOf(locality, at(index)));
  parts.forEach((own, index) => {
    const meets = parts.findIndex(
      (other, place) =>
        place < index && other.every((part, depth) => own[depth] === undefined || own[depth] === part),
    );
    // A last * after named places is for the rest.
    if (meets < 0 || own.length === 0) return;
    at(index).fault(
      localities[index],
      `places apart from ${localities[meets]}`,
      "name places that do not overlap",
    );
  });
}

function checkDistribution(list: readonly Distribution[] | undefined, at: Place): void {
  checkOverlaps(list?.map(({ from }) => from) ?? [], (index) => at.in(index, "from"));
  list?.forEach(({ to }, index) => {
    const here = at.in(index, "to");
    const places = Object.keys(to);
    checkOverlaps(places, (place) => here.in(places[place] ?? ""));
    if (places.length > 1 && places.includes("*"))
      here.fault(places.join(", "), "* alone", "name the places");
    for (const [place, weight] of Object.entries(to)) integer(weight, here.in(place), { min: 1, max: 100 });
    const sum = Object.values(to).reduce((total, weight) => total + weight, 0);
    if (sum !== 100)
      here.fault(`${Object.values(to).join(" + ")} = ${sum}`, "weights that sum to 100", "mend them");
  });
}

function checkPriority(list: readonly string[] | undefined, withRegions: boolean, at: Place): void {
  list?.forEach((label, index) => {
    filledText(label, at.in(index));
    if (withRegions && placeLabels.includes(label)) {
      at.in(index).fault(label, "labels that are no place", "leave it out: regions are in order by failover");
    }
  });
}

/** The block `localityLbSetting` of a load balancer. */
export function renderLocalitySetting(args: LocalityArgs, { at }: Site): Block {
  const { enabled, distribute, failover, failoverPriority } = args;
  if (distribute !== undefined && failover !== undefined) {
    at.fault("distribute and failover", "one of them", "choose one");
  }
  checkDistribution(distribute, at.in("distribute"));
  checkFailover(failover, at.in("failover"));
  checkPriority(failoverPriority, failover !== undefined, at.in("failoverPriority"));
  return filled({ enabled: enabled ?? true, distribute, failover, failoverPriority });
}

/** The block `zoneAwareLbSetting` of a load balancer. */
export function renderZoneAware(args: ZoneAwareArgs, site: Site): Block {
  const { enabled = true, failover, failoverPriority, minClusterSize } = args;
  const { at } = site;
  site.since("1.31", args);
  checkFailover(failover, at.in("failover"));
  checkPriority(failoverPriority, true, at.in("failoverPriority"));
  if (minClusterSize !== undefined)
    integer(minClusterSize, at.in("minClusterSize"), { min: 1, max: 2 ** 32 - 1 });
  return filled({ enabled, failover, failoverPriority, minClusterSize });
}
