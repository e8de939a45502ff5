import type { Catalogue } from "../../lib/checks";
import { istioCodes } from "./catalogue-istio";
import { kialiCodes } from "./catalogue-kiali";
import { ownCodes } from "./catalogue-own";

/** What the checks of traffic can find. IST and KIA codes mean what they mean to istioctl and to Kiali. */
export const catalogue = { ...istioCodes, ...kialiCodes, ...ownCodes } as const satisfies Catalogue;

export type TrafficCode = keyof typeof catalogue;
