import { isUnknown, type Labels, Undecided, unknownBelow } from "../../lib/fields";
import type { KubeObject } from "../../lib/objects";

type Branch = Readonly<Record<string, unknown>>;

const isBranch = (value: unknown): value is Branch =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value in an object, with its path. Reading one that is known only after `up` throws Undecided. */
export class Field {
  readonly object: KubeObject;
  readonly #above: Field | undefined;
  /** The name of the field, or the place in a list. */
  readonly #step: string | number;
  readonly #raw: unknown;

  constructor(object: KubeObject, step: string | number, raw: unknown, above?: Field) {
    this.object = object;
    this.#step = step;
    this.#raw = raw;
    this.#above = above;
  }

  /** From the object's root: `spec.http[0].route[1]`. Put together when it is asked for, which is seldom. */
  get path(): string {
    const step = this.#step;
    if (this.#above === undefined) return String(step);
    return `${this.#above.path}${typeof step === "number" ? `[${step}]` : `.${step}`}`;
  }

  get value(): unknown {
    if (isUnknown(this.#raw)) throw new Undecided(this.object, this.path);
    return this.#raw;
  }

  /** A field below: `rule.at("retries", "attempts")`. It need not be there. */
  at(...keys: readonly string[]): Field {
    // A loop: checks come here some hundred times for each object.
    let field: Field = this;
    for (const key of keys) field = field.child(key);
    return field;
  }

  private child(key: string): Field {
    const value = this.value;
    return new Field(this.object, key, isBranch(value) ? value[key] : undefined, this);
  }

  /** Whether something other than null is there. Does not need to know what. */
  get given(): boolean {
    return this.#raw !== undefined && this.#raw !== null;
  }

  /** The items of a list; none where there is no list. */
  items(): readonly Field[] {
    const value = this.value;
    if (!Array.isArray(value)) return [];
    return value.map((item, place) => new Field(this.object, place, item, this));
  }

  /** The fields of a map; none where there is no map. */
  entries(): readonly (readonly [string, Field])[] {
    const value = this.value;
    if (!isBranch(value)) return [];
    return Object.keys(value).map((key) => [key, this.child(key)] as const);
  }

  keys(): readonly string[] {
    return this.entries().map(([key]) => key);
  }

  text(): string | undefined {
    return typeof this.value === "string" ? (this.value as string) : undefined;
  }

  number(): number | undefined {
    return typeof this.value === "number" ? (this.value as number) : undefined;
  }

  /** Whether it is true. */
  flag(): boolean {
    return this.value === true;
  }

  texts(): readonly string[] {
    return this.items().flatMap((item) => item.text() ?? []);
  }

  /** A map of texts, all of it known. */
  labels(): Labels {
    const unknown = unknownBelow(this.value, this.path);
    if (unknown !== undefined) throw new Undecided(this.object, unknown);
    return isBranch(this.value) ? (this.value as Labels) : {};
  }

  /** The value in one text form, independent of the order of its keys; for comparing. */
  canonical(without: readonly string[] = []): string {
    const unknown = unknownBelow(this.value, this.path);
    if (unknown !== undefined) throw new Undecided(this.object, unknown);
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (!isBranch(value)) return value;
      return Object.fromEntries(
        Object.keys(value)
          .filter((key) => !without.includes(key))
          .sort()
          .map((key) => [key, sorted(value[key])]),
      );
    };
    return JSON.stringify(sorted(this.value)) ?? "";
  }
}

export const specOf = (object: KubeObject): Field => new Field(object, "spec", object.spec);

export const rootOf = (object: KubeObject, field: string): Field => new Field(object, field, object[field]);
