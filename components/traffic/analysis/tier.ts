import type { Catalogue } from "../../lib/checks";
import { defineCheck } from "../../lib/checks";
import type { Check } from "../../lib/findings";
import type { KubeObject } from "../../lib/objects";
import { kindOf } from "../../lib/workloads";
import { type Hazard, hazards, type Tier } from "../tiers";
import { type Field, specOf } from "./field";
import { chaosBladeKind, envoyFilterKind, virtualServiceKind } from "./kinds";

/** What the tier of a stack decides. Files alone have no tier, so only a stack finds these. */
export const tierCodes = {
  MP0414: { severity: "error", title: "fault injection where the stack's tier has none" },
  MP0807: { severity: "error", title: "chaos where the stack's tier has none" },
} as const satisfies Catalogue;

const faultsOfRoutes = (object: KubeObject): Field[] =>
  specOf(object)
    .at("http")
    .items()
    .map((route) => route.at("fault"))
    .filter((fault) => fault.given);

/** The same by hand: Envoy's own filter, in an EnvoyFilter. */
const faultFilters = (object: KubeObject): Field[] =>
  specOf(object)
    .at("configPatches")
    .items()
    .map((patch) => patch.at("patch", "value"))
    .filter(
      (value) =>
        value.at("name").text() === "envoy.filters.http.fault" ||
        value.at("typed_per_filter_config", "envoy.filters.http.fault").given ||
        value.at("route", "typed_per_filter_config", "envoy.filters.http.fault").given,
    );

interface Disturbance {
  readonly code: keyof typeof tierCodes;
  readonly hazard: Hazard;
  readonly what: string;
  readonly find: (object: KubeObject) => Field[];
}

const disturbances: Readonly<Record<string, Disturbance>> = {
  [virtualServiceKind]: {
    code: "MP0414",
    hazard: "faultInjection",
    what: "a fault is made",
    find: faultsOfRoutes,
  },
  [envoyFilterKind]: {
    code: "MP0414",
    hazard: "faultInjection",
    what: "a fault is made by Envoy's filter",
    find: faultFilters,
  },
  [chaosBladeKind]: {
    code: "MP0807",
    hazard: "chaos",
    what: "nodes or pods are disturbed",
    find: (object) => [specOf(object)],
  },
};

/** Refuses what the tier does not allow in every declared object, whoever declares it and by whatever class. */
export const tierCheck = (tier: Tier): Check =>
  defineCheck(tierCodes, {
    codes: ["MP0414", "MP0807"],
    over: (index) => Object.keys(disturbances).flatMap((kind) => [...index.ofKind(kind)]),
    look: (object) => {
      const found = disturbances[kindOf(object)];
      if (found === undefined || hazards[found.hazard].includes(tier.name)) return [];
      return found.find(object).map(({ path }) => ({
        code: found.code,
        path,
        message: `${found.what} in a stack of tier ${tier.name}; allowed: tier ${hazards[found.hazard].join(" or ")}`,
        change: "take it out of this stack, or declare it in another one",
      }));
    },
  });
