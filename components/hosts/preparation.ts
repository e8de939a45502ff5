import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RemoteScript } from "../remote/script";
import { renderSystemdUnit } from "../remote/systemd-unit";
import { renderFamilies } from "./families";
import { defaultModules, defaultSysctls, mergeSysctls, oldModules, renderSysctls } from "./kernel";
import { type Machine, stepOptions } from "./machine";
import { type HostPackages, neededPackages } from "./packages";
import { type HostDuties, type PrecheckSettings, planPrechecks } from "./prechecks";
import type { HostProfile } from "./profile";

/** How a host is prepared; see docs/hosts.md for each field. */
export interface PreparationSettings {
  readonly sysctl: Readonly<Record<string, string | number>>;
  readonly modules: readonly string[];
  readonly packages: HostPackages;
  readonly limits: { readonly nofile: number; readonly nproc: number };
  readonly historyTimeFormat: string;
  readonly swap: "off" | "keep";
  readonly firewall: "off" | "keep";
  readonly selinux: "disabled" | "permissive" | "keep";
  readonly timeSync: "on" | "keep";
  /** Names or addresses for chrony, in place of the distribution's servers. Empty: those. */
  readonly timeServers: readonly string[];
  /** Limits of the system's journal, in systemd's words; false leaves it as it is. */
  readonly journald: false | { readonly systemMaxUse: string; readonly maxRetentionSec: string };
  readonly prechecks: PrecheckSettings;
}

export interface NodePreparationArgs {
  readonly machine: Machine;
  readonly settings: PreparationSettings;
  readonly profile: HostProfile;
  /** Lines for /etc/hosts, as `address name`. */
  readonly hostsEntries: readonly string[];
  /** System users to create, each with a home directory of mode 0700: `name home`. */
  readonly systemUsers: readonly string[];
  /** What will run there; checks that depend on it are left out without it. Default: not known. */
  readonly duties?: HostDuties;
}

/**
 * A host ready for a container runtime and a kubelet: looked at and checked first, then files, packages, kernel
 * parameters and services. Assumes systemd and a distribution of the Debian or Red Hat family.
 *
 * Two steps, because the first only reads: a host that will not do stops there, with nothing changed on it.
 */
export class NodePreparation extends pulumi.ComponentResource {
  /** What the host said of itself. */
  readonly facts: pulumi.Output<Readonly<Record<string, string>>>;
  /** The last step; what follows on this host depends on it. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: NodePreparationArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:hosts:NodePreparation", name, {}, options);
    const { machine, profile } = args;
    const plan = planPreparation(args.settings, profile);
    const facts = new RemoteScript(
      `${name}-facts`,
      {
        connection: machine.connection,
        script: join(__dirname, "scripts", "facts.sh"),
        parameters: {
          NODE_NAME: machine.name,
          ADDRESS: machine.address,
          FAMILIES: plan.FAMILIES,
          MODULES: plan.MODULES,
          SWAP: profile.kubelet.failSwapOn ? plan.SWAP : "tolerated",
          FIREWALL: plan.FIREWALL,
          SELINUX: plan.SELINUX,
          ...planPrechecks(args.settings.prechecks, args.duties, profile),
        },
        timeoutSeconds: 180,
      },
      stepOptions(machine, this),
    );
    this.done = new RemoteScript(
      `${name}-prepare`,
      {
        connection: machine.connection,
        script: join(__dirname, "scripts", "prepare.sh"),
        parameters: {
          NODE_NAME: machine.name,
          HOSTS_ENTRIES: args.hostsEntries,
          SYSTEM_USERS: args.systemUsers,
          ...plan,
        },
        timeoutSeconds: 1200,
      },
      stepOptions(machine, this, [facts]),
    );
    this.facts = facts.result;
    this.registerOutputs({ facts: this.facts });
  }
}

/** What the profile takes away from the settings, as sentences for the preview. */
export function leftOut(settings: PreparationSettings, profile: HostProfile): string[] {
  const sysctls = mergeSysctls(defaultSysctls, settings.sysctl).map(([key]) => key);
  const groups = [
    ["kernel parameters", sysctls.filter((key) => !profile.allowsSysctl(key))],
    ["kernel modules", defaultModules.filter((module) => profile.modulesLeftOut.includes(module))],
    ["services", profile.ownsKernelServices ? [] : ["swap", "firewall", "SELinux", "time", "journal"]],
  ] as const;
  return groups
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} left out, since ${profile.leftOutReason}: ${names.join(", ")}`);
}

/** The parameters of prepare.sh that do not depend on the single host. */
export function planPreparation(settings: PreparationSettings, profile: HostProfile) {
  const sysctls = mergeSysctls(defaultSysctls, settings.sysctl).filter(([key]) => profile.allowsSysctl(key));
  const wanted = (module: string) => !profile.modulesLeftOut.includes(module);
  const keep = !profile.ownsKernelServices;
  return {
    FAMILIES: renderFamilies(neededPackages(settings.packages)),
    SYSCTL_CONF: renderSysctls(sysctls),
    MODULES: [
      ...[...defaultModules, ...settings.modules].filter(wanted),
      ...oldModules.filter(({ name }) => wanted(name)).map(({ name, below }) => `${name} ${below}`),
    ],
    LIMITS_CONF: renderLimits(settings.limits),
    MANAGER_CONF: keep ? "" : renderManagerLimits(settings.limits),
    JOURNALD_CONF: keep ? "" : renderJournald(settings.journald),
    PROFILE_SH: renderProfile(settings),
    FORWARD_UNIT: forwardUnit,
    SWAP: keep ? "keep" : settings.swap,
    FIREWALL: keep ? "keep" : settings.firewall,
    SELINUX: keep ? "keep" : settings.selinux,
    TIME_SYNC: keep ? "keep" : settings.timeSync,
    TIME_SERVERS: keep ? [] : settings.timeServers,
  };
}

/** limits.d file. The name 20-nproc.conf is Red Hat's own, whose 4096 it replaces. A star means everyone but root. */
function renderLimits({ nofile, nproc }: PreparationSettings["limits"]): string {
  const files = ["*", "root"].flatMap((who) =>
    ["soft", "hard"].map((kind) => `${who} ${kind} nofile ${nofile}`),
  );
  return [`* soft nproc ${nproc}`, "root soft nproc unlimited", ...files, ""].join("\n");
}

/**
 * What services get: limits.d is read by logins alone, and `ulimit` in rc.local, as in source document 000, changes
 * that one shell.
 */
function renderManagerLimits({ nofile }: PreparationSettings["limits"]): string {
  return `[Manager]\nDefaultLimitNOFILE=${nofile}\n`;
}

function renderJournald(journald: PreparationSettings["journald"]): string {
  if (journald === false) return "";
  const { systemMaxUse, maxRetentionSec } = journald;
  return `[Journal]\nSystemMaxUse=${systemMaxUse}\nMaxRetentionSec=${maxRetentionSec}\n`;
}

function renderProfile(settings: PreparationSettings): string {
  return [
    `export HISTTIMEFORMAT='${settings.historyTimeFormat}'`,
    `ulimit -SHn ${settings.limits.nofile} 2>/dev/null || true`,
    "",
  ].join("\n");
}

/** Docker and some firewalls set FORWARD to DROP; pods of other hosts then time out. The unit holds it after a reboot. */
const forwardUnit = renderSystemdUnit({
  Unit: { Description: "Accept forwarded packets, for the pod network", After: "network-pre.target" },
  Service: { Type: "oneshot", RemainAfterExit: true, ExecStart: "/usr/sbin/iptables -w -P FORWARD ACCEPT" },
  Install: { WantedBy: "multi-user.target" },
});
