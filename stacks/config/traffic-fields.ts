import { z } from "zod";
import type { PathMatch, TextMatch, ValueMatch } from "../../components/traffic/routes/types";

/**
 * Fields of the section `traffic`. Their bounds are not said here but by the policies, which look at all arguments
 * whoever gives them; here stands which fields there are, of what type, and what they mean.
 */

export const text = (description: string) => z.string().meta({ description });
export const number = (description: string) => z.number().meta({ description });
export const flag = (description: string) => z.boolean().meta({ description });
export const texts = (description: string) => z.array(z.string()).meta({ description });
export const numbers = (description: string) => z.array(z.number()).meta({ description });
export const choice = <const T extends readonly [string, ...string[]]>(values: T, description: string) =>
  z.enum(values).meta({ description });
export const textMap = (description: string) => z.record(z.string(), z.string()).meta({ description });

type Needed<A> = { [K in keyof A]-?: object extends Pick<A, K> ? never : K }[keyof A];
type Possible<A> = Exclude<keyof A, Needed<A>>;
type Fields<A, K extends keyof A> = { readonly [F in K]-?: z.ZodType<Exclude<A[F], undefined>> };

/** Fields that may be left out, and then are not there at all. */
const leftOut = (fields: Readonly<Record<string, z.ZodType>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, z.exactOptional(field)]));

/**
 * The arguments `A` of a policy, field by field: `of<TcpPool>()({}, { maxConnections: … })`. First those that have to
 * be given, then the others. The compiler asks for every field, so that the config can say all that TypeScript can.
 */
export const of =
  <A extends object>() =>
  (needed: Fields<A, Needed<A>>, possible: Fields<A, Possible<A>>): z.ZodType<A> =>
    z.strictObject({
      ...(needed as Readonly<Record<string, z.ZodType>>),
      ...leftOut(possible),
    }) as unknown as z.ZodType<A>;

/** The same for arguments that are a union: all their fields at once. Which go together the policy says. */
export const anyOf =
  <A extends object>() =>
  (needed: Readonly<Record<string, z.ZodType>>, possible: Readonly<Record<string, z.ZodType>>) =>
    z.strictObject({ ...needed, ...leftOut(possible) }) as unknown as z.ZodType<A>;

/** A text as it stands, or one of some conditions on it. */
const textOr = <A>(...names: readonly string[]): z.ZodType<A> => {
  const error = `a text, or one of ${names.join(", ")}\nwrite it like { ${names[1]}: "/api" }`;
  const conditions = z.strictObject(
    Object.fromEntries(
      names.map((name) => [name, z.exactOptional(name === "present" ? z.literal(true) : z.string())]),
    ),
  );
  const one = conditions.refine((given) => Object.keys(given).length === 1, { error });
  return z.union([z.string(), one], { error }) as unknown as z.ZodType<A>;
};

export const textMatch = textOr<TextMatch>("exact", "prefix", "regex");
export const valueMatch = textOr<ValueMatch>("exact", "prefix", "regex", "present");
export const pathMatch = textOr<PathMatch>("exact", "prefix", "regex", "segments");
