/** Stand-in for the `random` provider: values that are drawn once and kept in the state. */
import { randomBytes, randomInt } from "node:crypto";
import { type CheckResult, type ResourceKind, serve } from "./harness";
import { type PlainMap, plainMap, Secret, UNKNOWN, type ValueMap } from "./values";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const TEXT_DEFAULTS: ValueMap = {
  special: true,
  upper: true,
  lower: true,
  numeric: true,
  number: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};
const TEXT_PROPERTIES = [...Object.keys(TEXT_DEFAULTS), "length", "overrideSpecial", "keepers"];

// There is no `update`: with no diff of its own, the harness plans a replacement for any change.
const randomPassword: ResourceKind = {
  check: (_context, news) => checkNames(news, TEXT_PROPERTIES, "length"),
  create: async (_context, inputs, preview) => {
    const settled = { ...TEXT_DEFAULTS, ...inputs };
    const result = preview ? UNKNOWN : drawText(plainMap(settled));
    // `bcryptHash` is left out: nothing here uses it, and it would take a library of its own.
    return { id: "none", outputs: { ...settled, result: new Secret(result) } };
  },
};

const randomString: ResourceKind = {
  check: (_context, news) => checkNames(news, TEXT_PROPERTIES, "length"),
  create: async (_context, inputs, preview) => {
    const settled = { ...TEXT_DEFAULTS, ...inputs };
    const result = preview ? UNKNOWN : drawText(plainMap(settled));
    return { id: String(preview ? "" : result), outputs: { ...settled, result } };
  },
};

const randomId: ResourceKind = {
  check: (_context, news) => checkNames(news, ["byteLength", "prefix", "keepers"], "byteLength"),
  create: async (_context, inputs, preview) => {
    if (preview) {
      const unknowns = { b64Std: UNKNOWN, b64Url: UNKNOWN, dec: UNKNOWN, hex: UNKNOWN } as const;
      return { id: "", outputs: { ...inputs, ...unknowns } };
    }
    const props = plainMap(inputs);
    const prefix = String(props.prefix ?? "");
    const bytes = randomBytes(Number(props.byteLength));
    const hex = bytes.toString("hex");
    const outputs = {
      ...inputs,
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + bytes.toString("base64url"),
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    };
    return { id: bytes.toString("base64url"), outputs };
  },
};

const KINDS = {
  "random:index/randomPassword:RandomPassword": randomPassword,
  "random:index/randomString:RandomString": randomString,
  "random:index/randomId:RandomId": randomId,
};

serve({ version: "4.21.1", kind: (type) => KINDS[type as keyof typeof KINDS] });

function checkNames(news: ValueMap, known: readonly string[], required: string): CheckResult {
  const unknown = Object.keys(news).filter((name) => !known.includes(name) && !/^(version$|__)/.test(name));
  const failures = unknown.map((property) => ({
    property,
    reason: `'${property}' is not a property of this resource`,
  }));
  if ((news[required] ?? null) === null) {
    failures.push({ property: required, reason: `missing required property '${required}'` });
  }
  return { inputs: news, failures };
}

/** Draws the demanded minimum of each class, fills up from all allowed classes, and shuffles. */
function drawText(props: PlainMap): string {
  const special = typeof props.overrideSpecial === "string" ? props.overrideSpecial : SPECIAL;
  const classes = [
    { letters: LOWER, allowed: props.lower, minimum: props.minLower },
    { letters: UPPER, allowed: props.upper, minimum: props.minUpper },
    {
      letters: DIGITS,
      allowed: props.numeric !== false && props.number !== false,
      minimum: props.minNumeric,
    },
    { letters: special, allowed: props.special, minimum: props.minSpecial },
  ];
  const demanded = classes.flatMap(({ letters, minimum }) => draw(letters, Number(minimum)));
  const all = classes.map(({ letters, allowed }) => (allowed ? letters : "")).join("");
  const missing = Number(props.length) - demanded.length;
  if (missing < 0 || (all === "" && missing > 0)) {
    throw new Error("the length is too small for the demanded characters, or no character is allowed");
  }
  return shuffle([...demanded, ...draw(all, missing)]).join("");
}

function draw(letters: string, count: number): string[] {
  return Array.from({ length: count }, () => letters[randomInt(letters.length)] ?? "");
}

function shuffle(letters: string[]): string[] {
  for (let last = letters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [letters[last], letters[other]] = [letters[other] ?? "", letters[last] ?? ""];
  }
  return letters;
}
