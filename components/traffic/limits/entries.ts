import type { Place } from "../faults";
import { filledText, headerName, integer, regex } from "../values";

/** A condition on one header. */
export type HeaderCondition = { readonly name: string } & (
  | { readonly exact: string }
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly present: boolean }
);

/** What a request without the header counts as. */
export type IfAbsent =
  /** The whole rule does not apply to it. */
  | "ruleDoesNotApply"
  /** The entry is left out; all such requests have one counter. */
  | "leaveOut";

/**
 * One pair of a descriptor, by which requests are counted. Requests with the same pairs share a counter.
 *
 * - `constant`: always the same value; names the counter.
 * - `header`, `query`: the value of a header (also `:path`, `:method`) or of a query parameter.
 * - `match`: a fixed value for requests that fit all conditions (or, with `fits: false`, that do not fit all of them);
 *   to others the rule does not apply.
 * - `clientAddress`: the address of the client as the proxy trusts it; with bits, that of its network.
 */
export type Entry =
  | { readonly by: "constant"; readonly key: string; readonly value: string }
  | { readonly by: "header"; readonly key: string; readonly header: string; readonly ifAbsent?: IfAbsent }
  | { readonly by: "query"; readonly key: string; readonly parameter: string; readonly ifAbsent?: IfAbsent }
  | {
      readonly by: "match";
      readonly key: string;
      readonly value: string;
      readonly headers: readonly HeaderCondition[];
      /** Default true. */
      readonly fits?: boolean;
    }
  | { readonly by: "clientAddress"; readonly v4Bits?: number; readonly v6Bits?: number };

/** Key that Envoy gives an entry. */
export function keyOf(entry: Entry): string {
  if (entry.by !== "clientAddress") return entry.key;
  return entry.v4Bits === undefined && entry.v6Bits === undefined
    ? "remote_address"
    : "masked_remote_address";
}

/** The value of entries that have only one. Undefined where each request brings its own. */
export const fixedValue = (entry: Entry): string | undefined =>
  entry.by === "constant" || entry.by === "match" ? entry.value : undefined;

/** Whether requests may come without the entry and be counted all the same. */
export const isOptional = (entry: Entry): boolean =>
  (entry.by === "header" || entry.by === "query") && entry.ifAbsent === "leaveOut";

export function checkEntry(entry: Entry, at: Place): void {
  if (entry.by === "clientAddress") {
    if (entry.v4Bits !== undefined) integer(entry.v4Bits, at.in("v4Bits"), { max: 32 });
    if (entry.v6Bits !== undefined) integer(entry.v6Bits, at.in("v6Bits"), { max: 128 });
    return;
  }
  filledText(entry.key, at.in("key"));
  if (entry.by === "header")
    headerName(entry.header, at.in("header"), entry.header.startsWith(":") ? "match" : "response");
  if (entry.by === "query") filledText(entry.parameter, at.in("parameter"));
  const value = fixedValue(entry);
  if (value !== undefined) filledText(value, at.in("value"));
  if (entry.by !== "match") return;
  if (entry.headers.length === 0)
    at.in("headers").fault([], "one condition or more", "use a constant for all requests");
  entry.headers.forEach((condition, index) => void checkCondition(condition, at.in("headers", index)));
}

function checkCondition(condition: HeaderCondition, at: Place): void {
  headerName(condition.name, at.in("name"), "match");
  if ("regex" in condition) regex(condition.regex, at.in("regex"));
  for (const [field, text] of Object.entries(condition)) {
    // A prefix of nothing fits everything; Envoy refuses it.
    if (field !== "name" && field !== "exact" && text === "")
      at.in(field).fault("", "text that is not empty", "write some");
  }
}

const headerMatcher = (condition: HeaderCondition): object => {
  const { name } = condition;
  if ("present" in condition) return { name, present_match: condition.present };
  if ("regex" in condition) return { name, string_match: { safe_regex: { regex: condition.regex } } };
  const { name: _, ...text } = condition;
  return { name, string_match: text };
};

const absent = (choice: IfAbsent | undefined) => (choice === "leaveOut" ? { skip_if_absent: true } : {});

/** An entry as an action of Envoy's rate limits. */
export function actionOf(entry: Entry): object {
  switch (entry.by) {
    case "constant":
      return { generic_key: { descriptor_key: entry.key, descriptor_value: entry.value } };
    case "header":
      return {
        request_headers: { header_name: entry.header, descriptor_key: entry.key, ...absent(entry.ifAbsent) },
      };
    case "query":
      return {
        query_parameters: {
          query_parameter_name: entry.parameter,
          descriptor_key: entry.key,
          ...absent(entry.ifAbsent),
        },
      };
    case "match":
      return {
        header_value_match: {
          descriptor_key: entry.key,
          descriptor_value: entry.value,
          expect_match: entry.fits ?? true,
          headers: entry.headers.map(headerMatcher),
        },
      };
    case "clientAddress":
      return addressAction(entry);
  }
}

function addressAction({ v4Bits, v6Bits }: Entry & { by: "clientAddress" }): object {
  if (v4Bits === undefined && v6Bits === undefined) return { remote_address: {} };
  return {
    masked_remote_address: {
      ...(v4Bits === undefined ? {} : { v4_prefix_mask_len: v4Bits }),
      ...(v6Bits === undefined ? {} : { v6_prefix_mask_len: v6Bits }),
    },
  };
}
