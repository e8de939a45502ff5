import { RunError } from "@pulumi/pulumi";

/** One thing that is wrong with the arguments of a policy. */
export interface Fault {
  /** Where, in the words of the arguments: `routes[1].retries.perTryTimeout`. */
  readonly path: string;
  readonly given: string;
  readonly allowed: string;
  /** What to do, as an order: `raise it`. */
  readonly change: string;
}

/** Every fault of one policy at once. A RunError, so that Pulumi prints the message without a stack trace. */
export class TrafficFault extends RunError {
  readonly faults: readonly Fault[];

  constructor(subject: string, faults: readonly Fault[]) {
    const lines = faults.map(({ path, given, allowed, change }) =>
      [`  ${path}`, `    given:   ${given}`, `    allowed: ${allowed}`, `    change:  ${change}`].join("\n"),
    );
    const count = faults.length === 1 ? "one fault" : `${faults.length} faults`;
    super(`${subject} has ${count}; nothing was declared.\n\n${lines.join("\n\n")}\n`);
    this.faults = faults;
  }
}

/** A value as a fault shows it: short and on one line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has no NaN and no infinity.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** A place in the arguments of a policy, which takes the faults that are found there. */
export class Place {
  readonly path: string;
  readonly #faults: Fault[];

  constructor(path: string, faults: Fault[]) {
    this.path = path;
    this.#faults = faults;
  }

  /** A field or an item below: `at.in("retries").in("attempts")`, `at.in("routes", 1)`. */
  in(...keys: readonly (string | number)[]): Place {
    const path = keys.reduce<string>(
      (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`),
      this.path,
    );
    return new Place(path, this.#faults);
  }

  /** Notes a fault of this place. */
  fault(given: unknown, allowed: string, change: string): void {
    this.#faults.push({ path: this.path, given: show(given), allowed, change });
  }
}

/**
 * Renders something from arguments and throws one TrafficFault with all faults that were noted meanwhile. Checks of
 * `values.ts` go on after a fault with what was given, so that the others are found too.
 *
 * @param subject What is rendered, with its name, as the message shows it: `TrafficSplit reviews`.
 */
export function checked<T>(subject: string, render: (at: Place) => T): T {
  const faults: Fault[] = [];
  const rendered = render(new Place("", faults));
  if (faults.length > 0) throw new TrafficFault(subject, faults);
  return rendered;
}
