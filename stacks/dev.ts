import type { Platform } from "./config/load";
import { buildPlatform } from "./platform";

/** A cluster to work with on one computer: the pipeline as it stands, with nothing added. */
export const dev = (platform: Platform) => buildPlatform(platform);
