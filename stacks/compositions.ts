import { aliyunSlb } from "./aliyun-slb";
import type { Platform } from "./config/load";
import type { Config } from "./config/schema";
import { dev } from "./dev";
import { etcd } from "./etcd";
import { lab } from "./lab";
import { machines } from "./machines";

/** The compositions that the config can name. */
export const compositions: Readonly<Record<Config["composition"], (platform: Platform) => Promise<object>>> =
  { dev, lab, "aliyun-slb": aliyunSlb, etcd, machines };
