import type { Catalogue } from "../../lib/checks";

/** Findings about fragments of one host: what their modules do to each other. Others are found in the merged object. */
export const routeCodes = {
  MP0451: { severity: "error", title: "two routes take the same requests and do different things" },
  MP0452: {
    severity: "error",
    title: "a route never gets a request: one of a higher priority takes them all",
  },
  MP0453: { severity: "warning", title: "a match is of no use: an earlier one does the same" },
  MP0454: { severity: "error", title: "no route takes the requests that match nothing" },
  MP0455: { severity: "info", title: "routes of two modules overlap, and only the general order decides" },
  MP0456: { severity: "error", title: "a gateway does not take the host" },
} as const satisfies Catalogue;

export type RouteCode = keyof typeof routeCodes;
