import type { PolicyWish } from "../destination-policy";
import { destinations, renderDestinations } from "../destinations";
import { loadBalancing } from "../load-balancing";
import { mergeRoutes } from "../routes/merge";
import type { HttpFragment } from "../routes/types";
import { byVersion, serviceOf } from "./places";
import type { ScenarioContext } from "./types";

/** Routes and subsets of reviews lie beside the application's own objects, which are for its page. */
export const needs = {
  bookinfo: { reviews: ["v1", "v2", "v3"], subsets: false },
  fortio: {},
} as const;

export const random = loadBalancing({ simple: "RANDOM" });

/** reviews with its three versions as subsets, by the name of the DestinationRule in all documents. */
export function reviewsOf(context: ScenarioContext, ...policies: readonly PolicyWish[]) {
  const host = serviceOf("bookinfo", "reviews", context);
  const declared = destinations(host, { subsets: byVersion("v1", "v2", "v3"), policies });
  return {
    host,
    declared,
    to: (version: "v1" | "v2" | "v3") => declared.subset(version),
    render: (fragments: readonly HttpFragment[]) => [
      ...renderDestinations(declared, context),
      ...mergeRoutes(fragments, context).objects,
    ],
  };
}
