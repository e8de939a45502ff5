import { titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf, type Workload } from "../../../lib/workloads";
import { gather, kindCheck, note, others, put, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { gatewayKind, requestAuthenticationKind, virtualServiceKind } from "../kinds";
import { rootNamespace } from "../mesh";
import { targetOf } from "../registry";
import { gatewaysOf, routeDestinations, rulesOf } from "../virtual-services";
import { isClaim } from "./valid-values";

const ownHosts = (object: KubeObject) =>
  new Set(
    specOf(object)
      .at("hosts")
      .texts()
      .map((host) => targetOf(host, namespaceOf(object)).host),
  );

/** VirtualServices with subsets, by the Service whose requests they split. */
const splits = (index: ObjectIndex) =>
  gather(
    index,
    "subset splits",
    [virtualServiceKind],
    () => new Map<string, string[]>(),
    (all, object) => {
      const hosts = ownHosts(object);
      const found = rulesOf(object, "http")
        .flatMap((rule) => routeDestinations(rule))
        .filter(({ subset, target }) => subset !== undefined && hosts.has(target.host))
        .map(({ target }) => target.host);
      for (const host of new Set(found)) put(all, host, titleFor(object));
    },
  );

/** A gateway chooses a pod by its own route and asks no rule of the mesh. */
export const splitAtGateway = kindCheck(["IST0140"], [virtualServiceKind], (object, index) => {
  if (gatewaysOf(object).every((gateway) => gateway === "mesh")) return [];
  return rulesOf(object, "http").flatMap((rule) =>
    routeDestinations(rule).flatMap(({ field, text, target, subset }): TrafficDraft[] => {
      if (subset !== undefined) return [];
      const names = others(splits(index).entries.get(target.host) ?? [], titleFor(object));
      if (names === "") return [];
      return [
        note(
          "IST0140",
          field,
          `${names} splits ${text} into subsets for sidecars; what comes through the gateway goes to all pods`,
          "name the subsets here, too, or put that VirtualService on the gateway",
        ),
      ];
    }),
  );
});

/** Whether tokens are checked at pods: by a policy of their namespace or of the whole mesh. */
function checksTokens({ namespace, labels }: Workload, index: ObjectIndex): boolean {
  const { entries } = gather(
    index,
    "token policies",
    [requestAuthenticationKind],
    () => new Map<string, Field[]>(),
    (all, policy) => put(all, namespaceOf(policy), specOf(policy)),
  );
  const policies = [namespace, rootNamespace(index)].flatMap((place) => entries.get(place) ?? []);
  return policies.some((policy) =>
    Object.entries(policy.at("selector", "matchLabels").labels()).every(
      ([key, value]) => labels?.[key] === value,
    ),
  );
}

function firstClaim(object: KubeObject): Field | undefined {
  for (const rule of rulesOf(object, "http")) {
    for (const match of rule.at("match").items()) {
      for (const name of ["headers", "withoutHeaders"]) {
        const found = match
          .at(name)
          .entries()
          .find(([key]) => isClaim(key));
        if (found !== undefined) return found[1];
      }
    }
  }
  return undefined;
}

/** Without a token that was checked there are no claims, and the match never hits. */
export const claimsAreChecked = kindCheck(["IST0149"], [virtualServiceKind], (object, index) => {
  const claim = firstClaim(object);
  if (claim === undefined) return [];
  return gatewaysOf(object).flatMap((text): TrafficDraft[] => {
    const [namespace = "", name = ""] = text.split("/");
    const gateway = text === "mesh" ? undefined : index.find(gatewayKind, namespace, name);
    if (gateway === undefined) return [];
    const selector = specOf(gateway).at("selector").labels();
    const blind = index.selected(selector).filter((workload) => !checksTokens(workload, index));
    if (blind.length === 0) return [];
    return [
      note(
        "IST0149",
        claim,
        `${titleFor((blind[0] as Workload).object)} checks no tokens, so that it knows no claims: the match never hits`,
        `add a RequestAuthentication for the gateway's pods in ${(blind[0] as Workload).namespace}`,
      ),
    ];
  });
});
