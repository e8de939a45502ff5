import { titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, note, others, put, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { virtualServiceKind } from "../kinds";
import { behind, namesakes, seenFrom, surelyMissing, targetOf, wildcardsOver } from "../registry";
import { gatewaysOf, rulesOf } from "../virtual-services";

const onMesh = (virtualService: KubeObject) => gatewaysOf(virtualService).includes("mesh");

interface Claim {
  readonly host: string;
  readonly field: Field;
}

const claimsOf = (virtualService: KubeObject): Claim[] =>
  specOf(virtualService)
    .at("hosts")
    .items()
    .map((field) => ({ field, host: targetOf(field.text() ?? "", namespaceOf(virtualService)).host }));

/** Who has which host in the mesh, by `namespace that sees it` and host; `under` has it by each wildcard over it. */
const meshHosts = (index: ObjectIndex) =>
  gather(
    index,
    "mesh hosts",
    [virtualServiceKind],
    () => ({ at: new Map<string, string[]>(), under: new Map<string, string[]>() }),
    ({ at, under }, virtualService) => {
      if (!onMesh(virtualService)) return;
      const title = titleFor(virtualService);
      for (const { host } of claimsOf(virtualService)) {
        for (const scope of seenFrom(virtualService)) {
          const reach = scope === "*" ? "public" : "scoped";
          put(at, `${scope}/${host}`, title);
          if (reach === "scoped") put(at, `scoped/${host}`, title);
          for (const wide of wildcardsOver(host)) put(under, `${reach} ${wide}`, title);
        }
      }
    },
  );

/** VirtualServices that some proxy has to choose from for a host: those seen where this one is seen. */
function rivals({ host }: Claim, scope: string, index: ObjectIndex): string[] {
  const { at, under } = meshHosts(index).entries;
  const first = (map: ReadonlyMap<string, string[]>, key: string) => (map.get(key) ?? []).slice(0, 5);
  const [place, reach] = scope === "*" ? ["scoped", "scoped"] : ["*", "public"];
  return [
    ...first(at, `${scope}/${host}`),
    ...[host, ...wildcardsOver(host)].flatMap((name) => first(at, `${place}/${name}`)),
    ...(host.startsWith("*") ? first(under, `${reach} ${host}`) : []),
  ];
}

/** Sidecars take one VirtualService per host, the oldest; the others have no effect. */
export const oneOwnerInMesh = kindCheck(["IST0109"], [virtualServiceKind], (virtualService, index) => {
  if (!onMesh(virtualService)) return [];
  const own = titleFor(virtualService);
  return claimsOf(virtualService).flatMap((claim): TrafficDraft[] => {
    const found = seenFrom(virtualService).flatMap((scope) => rivals(claim, scope, index));
    const names = others(found, own);
    if (names === "") return [];
    return [
      note(
        "IST0109",
        claim.field,
        `${names} also has the host ${claim.host} in the mesh: sidecars follow one of them and ignore the other`,
        "put the rules into one VirtualService, or keep them apart by exportTo",
      ),
    ];
  });
});

/** Rules as gateways merge them: `gateway host match`. */
function gatewayClaims(virtualService: KubeObject): { readonly key: string; readonly field: Field }[] {
  const gateways = gatewaysOf(virtualService).filter((gateway) => gateway !== "mesh");
  const hosts = claimsOf(virtualService).map(({ host }) => host);
  if (gateways.length === 0) return [];
  const matches = rulesOf(virtualService, "http").flatMap((rule) => {
    const all = rule.at("match").items();
    return all.length === 0
      ? [{ text: "everything", field: rule }]
      : all.map((field) => ({ text: field.canonical(["name"]), field }));
  });
  return gateways.flatMap((gateway) =>
    hosts.flatMap((host) =>
      matches.map(({ text, field }) => ({ key: `${gateway}\n${host}\n${text}`, field })),
    ),
  );
}

const gatewayRules = (index: ObjectIndex) =>
  gather(
    index,
    "gateway rules",
    [virtualServiceKind],
    () => new Map<string, string[]>(),
    (all, virtualService) => {
      for (const { key } of gatewayClaims(virtualService)) put(all, key, titleFor(virtualService));
    },
  );

/** Gateways put the rules of all VirtualServices of a host behind each other, the oldest first. */
export const noClashOnGateway = kindCheck(["MP0401"], [virtualServiceKind], (virtualService, index) => {
  const seen = new Set<string>();
  return gatewayClaims(virtualService).flatMap(({ key, field }): TrafficDraft[] => {
    const names = others(gatewayRules(index).entries.get(key) ?? [], titleFor(virtualService));
    if (names === "" || seen.has(field.path)) return [];
    seen.add(field.path);
    const [gateway, host] = key.split("\n");
    return [
      note(
        "MP0401",
        field,
        `${names} has a rule for the same requests to ${host} on ${gateway}: which one counts depends on which was made first`,
        "put the rules of a host into one VirtualService, or make their matches differ",
      ),
    ];
  });
});

/** A name without dots is completed by the VirtualService's own namespace. */
export const hostOfThisNamespace = kindCheck(["MP0406"], [virtualServiceKind], (virtualService, index) => {
  if (!onMesh(virtualService)) return [];
  const own = namespaceOf(virtualService);
  return specOf(virtualService)
    .at("hosts")
    .items()
    .flatMap((field): TrafficDraft[] => {
      const text = field.text() ?? "";
      const target = targetOf(text, own);
      if (text === "" || /[.*]/.test(text) || behind(target, own, index).length > 0) return [];
      const elsewhere = namesakes(text, index);
      if (elsewhere.length === 0 && !surelyMissing(target, index)) return [];
      const full = elsewhere.map((place) => `${text}.${place}.svc.cluster.local`).slice(0, 3);
      return [
        note(
          "MP0406",
          field,
          `${text} means ${target.host} here, and there is no such Service: no request has this host`,
          full.length > 0 ? `write ${full.join(" or ")}` : "name a host that requests have",
        ),
      ];
    });
});
