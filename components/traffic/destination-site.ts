import type { Catalogue } from "../lib/checks";
import { atLeast, minorOf } from "../lib/versions";
import type { TrafficContext } from "./context";
import type { Place } from "./faults";

/** What is worth knowing about a DestinationRule that was made from several wishes, and does not show in it. */
export const destinationCodes = {
  MP0581: { severity: "info", title: "an old name or value was translated" },
  MP0582: { severity: "info", title: "settings of a port were completed from the level above" },
  MP0583: { severity: "warning", title: "settings of a port take away what the level above says" },
  MP0584: { severity: "warning", title: "settings of a subset take away part of what the host says" },
  MP0585: { severity: "warning", title: "settings that work against each other" },
  MP0586: { severity: "warning", title: "setting without effect" },
  MP0587: {
    severity: "warning",
    title: "certificate that sidecars cannot get, so that they send plain text",
  },
} as const satisfies Catalogue;

export type DestinationCode = keyof typeof destinationCodes;

/** Something that stops nothing. */
export interface Note {
  readonly code: DestinationCode;
  /** The field of the object: `spec.trafficPolicy.outlierDetection`. */
  readonly path: string;
  readonly message: string;
  readonly change: string;
}

/** A part of one of Istio's objects, as it stands there. */
export type Block = Readonly<Record<string, unknown>>;

/** Where a part of a policy is looked at: its place in the arguments, its field in the object, and what is around. */
export class Site {
  readonly at: Place;
  readonly context: TrafficContext;
  /** Field of the object that the part becomes. */
  readonly path: string;
  readonly #notes: Note[];

  constructor(at: Place, context: TrafficContext, path: string, notes: Note[]) {
    this.at = at;
    this.context = context;
    this.path = path;
    this.#notes = notes;
  }

  /** A part below, which has the same name in the arguments and in the object. */
  in(...keys: readonly (string | number)[]): Site {
    return this.#below(this.at.in(...keys), keys);
  }

  /** A field of the object whose arguments are those of the part itself. */
  field(...keys: readonly (string | number)[]): Site {
    return this.#below(this.at, keys);
  }

  /** Arguments below, which make no field of their own. */
  within(...keys: readonly (string | number)[]): Site {
    return new Site(this.at.in(...keys), this.context, this.path, this.#notes);
  }

  #below(at: Place, keys: readonly (string | number)[]): Site {
    const steps = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`));
    return new Site(at, this.context, `${this.path}${steps.join("")}`, this.#notes);
  }

  /** Something that is worth knowing about the field. */
  note(code: DestinationCode, message: string, change: string): void {
    this.#notes.push({ code, path: this.path, message, change });
  }

  /** Whether the mesh's Istio knows what is asked for; a fault where it does not. */
  since(minor: string, given: unknown): boolean {
    const { version } = this.context;
    const known = atLeast(minorOf(version), minor);
    if (!known)
      this.at.fault(given, `nothing before Istio ${minor}`, `leave it out: the mesh has ${version}`);
    return known;
  }
}
