import type { TrafficContext } from "./context";
import { effective, LevelWishes, lostAtPort, lostFields, lostForGood } from "./destination-merge";
import { completedNote, lostNote, takenNote } from "./destination-notes";
import { type BlockName, type Blocks, canBeOfPort, type Level } from "./destination-policy";
import { type Block, type Note, Site } from "./destination-site";
import type { HostWishes, PlacedWish, Policies, RulePolicies } from "./destination-wishes";

const pick = (blocks: Blocks, names: readonly BlockName[]): Blocks =>
  Object.fromEntries(names.map((name) => [name, blocks[name]]));

const pathOf = (subset: number | undefined, port: number | undefined): string =>
  [
    "spec",
    ...(subset === undefined ? [] : [`subsets[${subset}]`]),
    "trafficPolicy",
    ...(port === undefined ? [] : [`portLevelSettings[${port}]`]),
  ].join(".");

/** Puts the wishes for one host together. */
export class RuleBuilder {
  readonly #host: HostWishes;
  readonly #context: TrafficContext;
  readonly #notes: Note[];
  /** By subset (empty for the host) and port (0 for all). */
  readonly #levels = new Map<string, Map<number, LevelWishes>>();
  readonly #checked = new Set<string>();

  constructor(host: HostWishes, context: TrafficContext, notes: Note[]) {
    this.#host = host;
    this.#context = context;
    this.#notes = notes;
  }

  /** All levels with their defaults, completed and checked. */
  build(): RulePolicies {
    const { wishes, subsets } = this.#host;
    for (const { policy, port } of wishes) this.#level(policy.scope.subset ?? "", port ?? 0);
    for (const wish of wishes) this.#add(wish);
    for (const [subset, ports] of this.#levels) {
      for (const [port, level] of ports) this.#checkOwn(subset, port, level);
    }
    const host = this.#hostPolicies();
    const built = { host, subsets: new Map(subsets.map((name) => [name, this.#subsetPolicies(name, host)])) };
    this.#checkLevels(built);
    return built;
  }

  #level(subset: string, port: number): LevelWishes {
    const ports = this.#levels.get(subset) ?? new Map<number, LevelWishes>();
    const level = ports.get(port) ?? new LevelWishes();
    this.#levels.set(subset, ports.set(port, level));
    return level;
  }

  #ports(subset: string): readonly number[] {
    const ports = [...(this.#levels.get(subset)?.keys() ?? [])].filter((port) => port !== 0);
    return ports.sort((a, b) => a - b);
  }

  #said(subset: string, port = 0): Blocks {
    return this.#levels.get(subset)?.get(port)?.blocks ?? {};
  }

  #path(subset: string, port: number): string {
    const ports = this.#ports(subset);
    return pathOf(
      subset === "" ? undefined : this.#host.subsets.indexOf(subset),
      port === 0 ? undefined : ports.indexOf(port),
    );
  }

  #add({ policy: { kind, scope, render }, at, port = 0 }: PlacedWish): void {
    const { subset = "" } = scope;
    if (port !== 0 && !canBeOfPort(kind.name)) {
      at.fault(`${kind.name} for port ${port}`, "all ports of a host or subset", "leave the port out");
    }
    const path = `${this.#path(subset, port)}.${kind.name}`;
    const block = render(new Site(at, this.#context, path, this.#notes));
    this.#level(subset, port).add(kind, block, at);
  }

  /** Where what was put together is told of. */
  #site(subset: string, port: number, name: BlockName): Site {
    const { at, flat, wishes } = this.#host;
    const single = flat && wishes.every(({ policy }) => policy.kind.name === name);
    const keys = [
      ...(subset === "" ? [] : ["subsets", subset]),
      ...(port === 0 || flat ? [] : ["ports", String(port)]),
      ...(single ? [] : [name]),
    ];
    const path = `${this.#path(subset, port)}.${name}`;
    return new Site(at.in(...keys), this.#context, path, this.#notes);
  }

  #checkOwn(subset: string, port: number, level: LevelWishes): void {
    for (const [name, kind] of level.kinds) {
      kind.check?.(level.said[name] as Block, this.#site(subset, port, name));
    }
  }

  #hostPolicies(): Policies {
    const blocks = this.#said("");
    const ports = this.#ports("").map((port) => [port, this.#atPort("", port, blocks)] as const);
    return { blocks, ports: new Map(ports) };
  }

  #subsetPolicies(name: string, host: Policies): Policies {
    const blocks = this.#said(name);
    this.#noteLost(name, host.blocks, blocks);
    const ports = this.#ports(name).map((port) => {
      const above = effective({ host: host.blocks, hostPort: host.ports.get(port), subset: blocks });
      return [port, this.#atPort(name, port, above)] as const;
    });
    return { blocks, ports: new Map(ports) };
  }

  /** A port's settings, with what they would take away of the level above. */
  #atPort(subset: string, port: number, above: Blocks): Blocks {
    const own = this.#said(subset, port);
    const lost = lostAtPort(above, own);
    const gone = lostForGood(above);
    const completes = this.#host.portSettings === "complete";
    const path = this.#path(subset, port);
    if (completes && lost.length > 0) this.#notes.push(completedNote(path, port, lost));
    const taken = [...(completes ? [] : lost), ...gone];
    if (taken.length > 0) this.#notes.push(takenNote(path, port, taken, gone.length > 0));
    return completes ? { ...pick(above, lost), ...own } : own;
  }

  /** A subset's part takes the place of the host's whole part. */
  #noteLost(subset: string, host: Blocks, blocks: Blocks): void {
    const choice = /^(simple|consistentHash)/;
    for (const name of ["loadBalancer", "connectionPool", "outlierDetection"] as const) {
      const [above, below] = [host[name], blocks[name]];
      if (above === undefined || below === undefined) continue;
      const lost = lostFields(above, below).filter((field) => name !== "loadBalancer" || !choice.test(field));
      if (lost.length > 0) this.#notes.push(lostNote(`${this.#path(subset, 0)}.${name}`, subset, name, lost));
    }
  }

  #checkLevels({ host, subsets }: RulePolicies): void {
    const { endpoints, subsetEndpoints, hasSelector } = this.#host;
    const common = { hasSelector };
    this.#checkLevel("", 0, { ...common, blocks: host.blocks, endpoints, isSubset: false });
    for (const [port, blocks] of host.ports) {
      this.#checkLevel("", port, { ...common, blocks, endpoints, isSubset: false });
    }
    for (const [name, { blocks: subset, ports }] of subsets) {
      for (const port of new Set([0, ...host.ports.keys(), ...ports.keys()])) {
        const said = {
          host: host.blocks,
          hostPort: host.ports.get(port),
          subset,
          subsetPort: ports.get(port),
        };
        const blocks = effective(said);
        this.#checkLevel(name, port, { ...common, blocks, endpoints: subsetEndpoints[name], isSubset: true });
      }
    }
  }

  /** What was found of a host is not said again of each of its subsets. */
  #checkLevel(subset: string, port: number, level: Level): void {
    for (const { policy } of this.#host.wishes) {
      const { kind } = policy;
      const block = level.blocks[kind.name];
      if (block === undefined || kind.checkLevel === undefined) continue;
      const { outlierDetection } = level.blocks;
      const key = JSON.stringify([
        kind.name,
        block,
        outlierDetection,
        level.endpoints,
        isPassthrough(block) && level.isSubset,
      ]);
      if (this.#checked.has(key)) continue;
      this.#checked.add(key);
      kind.checkLevel(block, level, this.#site(subset, port, kind.name));
    }
  }
}

/** Only this choice means something else for a subset. */
const isPassthrough = ({ simple }: { readonly simple?: unknown }): boolean => simple === "PASSTHROUGH";
