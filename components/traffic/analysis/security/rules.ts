import type { Field } from "../field";

/** Whether a rule of an AuthorizationPolicy goes by identities of tokens. */
export const namesTokens = (rule: Field): boolean =>
  rule
    .at("from")
    .items()
    .some((from) =>
      ["requestPrincipals", "notRequestPrincipals"].some((name) => from.at("source", name).given),
    );

/** Whether a rule has a condition on a key that begins so. */
export const conditionsOn = (rule: Field, prefix: string): boolean =>
  rule
    .at("when")
    .items()
    .some((when) => (when.at("key").text() ?? "").startsWith(prefix));
