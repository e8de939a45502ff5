import type { Place } from "../faults";
import { cidr, filledText, host, integer } from "../values";

/** One matcher of an experiment: how ChaosBlade spells it, and what may be given. */
interface MatcherRule {
  readonly spelled: string;
  readonly check: (value: string | number, at: Place) => void;
}

interface ActionRule {
  readonly scopes: readonly ("node" | "pod" | "container")[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const text = (value: string | number, at: Place) => void filledText(String(value), at);
const whole = (min: number, max?: number) => (value: string | number, at: Place) =>
  void integer(value as number, at, { min, ...(max === undefined ? {} : { max }) });

/** `80`, `8000-8080`, with commas between several. */
function ports(value: string | number, at: Place): void {
  const fits = String(value)
    .split(",")
    .every(
      (part) =>
        /^\d{1,5}(-\d{1,5})?$/.test(part) &&
        part.split("-").every((one) => Number(one) >= 1 && Number(one) <= 65_535),
    );
  if (!fits) at.fault(value, "ports and ranges: 80 or 80,8000-8080", "correct the spelling");
}

const addresses = (value: string | number, at: Place) => {
  for (const address of String(value).split(",")) cidr(address, at);
};

/** Matchers by the name that arguments have for them. */
export const matchers: Readonly<Record<string, MatcherRule>> = {
  percent: { spelled: "percent", check: whole(1, 100) },
  interface: { spelled: "interface", check: text },
  localPort: { spelled: "local-port", check: ports },
  remotePort: { spelled: "remote-port", check: ports },
  excludePort: { spelled: "exclude-port", check: ports },
  destinationIp: { spelled: "destination-ip", check: addresses },
  excludeIp: { spelled: "exclude-ip", check: addresses },
  time: { spelled: "time", check: whole(1) },
  offset: { spelled: "offset", check: whole(0) },
  domain: { spelled: "domain", check: (value, at) => void host(String(value), at, { wildcard: false }) },
  ip: { spelled: "ip", check: addresses },
  cpuPercent: { spelled: "cpu-percent", check: whole(1, 100) },
  cpuCount: { spelled: "cpu-count", check: whole(1) },
  memPercent: { spelled: "mem-percent", check: whole(1, 100) },
  path: { spelled: "path", check: text },
  size: { spelled: "size", check: whole(1) },
  read: { spelled: "read", check: text },
  write: { spelled: "write", check: text },
  process: { spelled: "process", check: text },
};

const everywhere = ["node", "pod", "container"] as const;
const filters = ["localPort", "remotePort", "excludePort", "destinationIp", "excludeIp"];
const shaped = (own: readonly string[]): ActionRule => ({
  scopes: everywhere,
  required: [...own, "interface"],
  optional: filters,
});

/** What ChaosBlade can do, by `target action`, with what each needs and takes. Times in milliseconds, sizes in MiB. */
export const actions = {
  "network loss": shaped(["percent"]),
  "network delay": { ...shaped(["time"]), optional: [...filters, "offset"] },
  "network corrupt": shaped(["percent"]),
  "network duplicate": shaped(["percent"]),
  "network dns": { scopes: everywhere, required: ["domain", "ip"], optional: [] },
  "cpu fullload": { scopes: everywhere, required: ["cpuPercent"], optional: ["cpuCount"] },
  "mem load": { scopes: everywhere, required: ["memPercent"], optional: [] },
  "disk fill": { scopes: everywhere, required: ["path"], optional: ["size", "percent"] },
  "disk burn": { scopes: everywhere, required: ["path"], optional: ["size", "read", "write"] },
  "process kill": { scopes: everywhere, required: ["process"], optional: [] },
  "process stop": { scopes: everywhere, required: ["process"], optional: [] },
  "pod delete": { scopes: ["pod"], required: [], optional: [] },
  "pod fail": { scopes: ["pod"], required: [], optional: [] },
  "container remove": { scopes: ["container"], required: [], optional: [] },
} as const satisfies Readonly<Record<string, ActionRule>>;

export type ChaosAction = keyof typeof actions;
