/**
 * `npm run schema`: writes what can be derived from the config's schema: `schema/stack.schema.json` for editors, the
 * table of `docs/config.md`. With `--check` it only tells whether they are current, which `npm run check` asks, and
 * whether `Pulumi.yaml` declares the keys that there are.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { parseYamlMap, readYamlText } from "../components/lib/yaml-text";
import { config } from "../stacks/config/schema";
import { NAMESPACE, secretKeys } from "../stacks/config/secret-keys";
import { type CommandLine, type ExitCode, exitCodes, runCommand } from "./lib/command-line";

const root = join(__dirname, "..");

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

const schema = z.toJSONSchema(config, { io: "input", unrepresentable: "any" }) as JsonSchema;

/** The schema of a whole `Pulumi.<stack>.yaml`. */
function renderStackSchema(): string {
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, value]) => [`${NAMESPACE}:${key}`, value]),
  );
  const secrets = Object.fromEntries(
    Object.entries(secretKeys).map(([key, what]) => [
      `${NAMESPACE}:${key}`,
      { description: `${what}; set it with \`pulumi config set --secret\``, type: "object" },
    ]),
  );
  return `${JSON.stringify(
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "A stack of mesh-platform",
      type: "object",
      properties: {
        config: {
          type: "object",
          properties: {
            ...properties,
            ...secrets,
          },
          additionalProperties: false,
        },
        encryptionsalt: { type: "string" },
        secretsprovider: { type: "string" },
        encryptedkey: { type: "string" },
      },
      additionalProperties: false,
    },
    undefined,
    2,
  )}\n`;
}

/** One line per field: path, what is allowed, default, meaning. */
function rows(node: JsonSchema, path: string): string[] {
  const own =
    node.description === undefined && node.default === undefined && node.properties !== undefined
      ? []
      : [row(node, path)];
  const fields = Object.entries(node.properties ?? {}).flatMap(([key, value]) =>
    rows(value, path === "" ? key : `${path}.${key}`),
  );
  const variants = (node.oneOf ?? []).flatMap((variant) => {
    const kind = String(variant.properties?.kind?.const ?? "");
    return Object.entries(variant.properties ?? {})
      .filter(([key]) => key !== "kind")
      .flatMap(([key, value]) => rows(value, `${path}(${kind}).${key}`));
  });
  // `false` or an object: the object's fields.
  const wholes = (node.anyOf ?? []).flatMap(({ properties }) =>
    properties === undefined ? [] : rows({ properties }, path),
  );
  const items =
    node.items?.properties === undefined ? [] : rows({ properties: node.items.properties }, `${path}[]`);
  const named = node.additionalProperties;
  // One level of names: what is said below each by names again is said in the line of the field.
  const values =
    typeof named !== "object" || named.properties === undefined || path.includes("*")
      ? []
      : rows({ properties: named.properties }, `${path}.*`);
  return [...own, ...fields, ...variants, ...wholes, ...items, ...values];
}

function row(node: JsonSchema, path: string): string {
  const fallback = node.default === undefined ? "" : `\`${JSON.stringify(node.default)}\``;
  const cells = [`\`${path}\``, allowed(node), fallback, node.description ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function allowed(node: JsonSchema): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (node.oneOf !== undefined)
    return node.oneOf.map((variant) => `\`kind: ${String(variant.properties?.kind?.const)}\``).join(", ");
  if (node.anyOf !== undefined) return node.anyOf.map(allowed).join(" or ");
  const bounds = [node.minimum, node.maximum].map((bound) =>
    bound === undefined || Math.abs(bound) > 2 ** 52 ? "" : String(bound),
  );
  const range = bounds.some((bound) => bound !== "") ? ` ${bounds.join("…")}` : "";
  return `${String(node.type ?? "")}${node.items === undefined ? "" : ` of ${allowed(node.items)}`}${range}`;
}

function renderReference(): string {
  return [
    "# Config reference",
    "",
    "Written by `npm run schema`; do not edit. Keys of `Pulumi.<stack>.yaml`, each with `mesh-platform:` before it. A field",
    "in parentheses belongs to that `kind` only. Unknown keys are errors. Beside these there is the secret",
    "`sshPrivateKey`, read only for an inventory; without it the SSH agent is asked:",
    "`npm run pulumi -- config set --secret sshPrivateKey --stack NAME < KEYFILE`. It is written, encrypted, into the",
    "stack's file together with the salt of the passphrase; both may be committed. `droneGiteaClientSecret`",
    "([apps.md](apps.md)), `gatewayCertificates` ([gateways.md](gateways.md)) and `rateLimitRedisPassword`",
    "([rate-limits.md](rate-limits.md)) are secret likewise. `*` in a path stands for names of your own.",
    "",
    "| field | allowed | default | meaning |",
    "|---|---|---|---|",
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => rows(value, key)),
    "",
  ].join("\n");
}

const outputs = [
  ["schema/stack.schema.json", renderStackSchema()],
  ["docs/config.md", renderReference()],
] as const;

const stale = outputs.filter(
  ([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), "utf8") !== text,
);

/** Not declared: what Pulumi hands on as a default would stand before what a preset says. */
const LEFT_OUT = ["preset", "mesh", "artifacts", "tier"];

/** Keys of the schema that Pulumi.yaml does not declare and should, and the other way round. */
function undeclared(): string[] {
  const { config: declared } = parseYamlMap(
    readYamlText(join(root, "Pulumi.yaml")),
    "Pulumi.yaml",
    "a project's file",
  ) as {
    config: object;
  };
  const names = new Set(Object.keys(declared).map((key) => key.slice(NAMESPACE.length + 1)));
  const known = Object.keys(schema.properties ?? {}).filter((key) => !LEFT_OUT.includes(key));
  return [...known.filter((key) => !names.delete(key)), ...names];
}

/** Whether everything is current; says what is not. */
function check(): ExitCode {
  const keys = undeclared();
  if (keys.length > 0) console.error(`Pulumi.yaml and stacks/config/schema.ts differ in: ${keys.join(", ")}`);
  for (const [file] of stale) console.error(`${file} is not current; run: npm run schema`);
  return stale.length + keys.length > 0 ? exitCodes.failed : exitCodes.done;
}

function write(): void {
  for (const [file, text] of stale) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.log(`wrote ${file}`);
  }
}

const commandLine = {
  typed: "npm run schema --",
  what: "Writes what follows from the config's schema: schema/stack.schema.json and docs/config.md.",
  flags: { check: { what: "writes nothing, and ends with 1 where a file is not current" } },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), ({ values }) => (values.check ? check() : write()));
