import type { Platform } from "./config/load";
import type { Config } from "./config/schema";
import { dev } from "./dev";
import { machines } from "./machines";

/** The compositions that the config can name. */
export const compositions: Readonly<Record<Config["composition"], (platform: Platform) => Promise<object>>> =
  { dev, lab: dev, "aliyun-slb": dev, etcd: dev, machines };
