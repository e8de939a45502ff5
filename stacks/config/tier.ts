import { z } from "zod";
import type { TierName } from "../../components/traffic/tiers";
import type { Config } from "./schema";

export const tier = z.enum(["dev", "lab", "production"]).optional().meta({
  description:
    "What the stack is for, which decides whether faults, chaos and load may be made in it. Default: dev for the composition dev on a sandbox, lab for lab, else production",
});

/** The tier of a stack. Whoever has machines of their own and says nothing is on the safe side. */
export function tierOf({ tier, composition, hosts }: Config): TierName {
  if (tier !== undefined) return tier;
  if (composition === "lab") return "lab";
  return composition === "dev" && hosts.kind === "sandbox" ? "dev" : "production";
}
