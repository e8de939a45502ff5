import type { Catalogue } from "../../lib/checks";
import { destinationCodes } from "../destination-site";
import { routeCodes } from "../routes/codes";

/**
 * What is found while objects are put together from several wishes, before there is an object to look at. The checks
 * find none of it again, so a suppression of one of these codes is used even if no check has it.
 */
export const renderingCodes = { ...routeCodes, ...destinationCodes } as const satisfies Catalogue;
