/** What the state holds of each resource, without the values: which fields there are, and which of them are secret. */
import type { TestStack } from "./support";

/** `inputs.connection.privateKey: secret string`, one line for each field at any depth. */
export type Shape = readonly string[];

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

interface Exported {
  readonly deployment: {
    readonly resources?: readonly {
      readonly urn: string;
      readonly type: string;
      readonly inputs?: Record<string, unknown>;
      readonly outputs?: Record<string, unknown>;
    }[];
  };
}

/** The shapes of a stack's resources, by type and name; components and the stack itself are left out. */
export async function shapesOf(stack: TestStack): Promise<Record<string, Shape>> {
  const { code, output } = await stack.run(["stack", "export", "--show-secrets"]);
  if (code !== 0) {
    throw new Error(`stack export exited with ${code}`);
  }
  const json = output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1);
  const { resources = [] } = (JSON.parse(json) as Exported).deployment;
  return Object.fromEntries(
    resources
      .filter(({ type }) => !/^pulumi:(pulumi|providers):/.test(type))
      .map(({ urn, type, inputs = {}, outputs = {} }) => [
        `${type} ${urn.slice(urn.lastIndexOf("::") + 2)}`,
        [...fields(inputs, "inputs"), ...fields(outputs, "outputs")].sort(),
      ]),
  );
}

function fields(value: unknown, path: string, secret = ""): string[] {
  if (Array.isArray(value)) {
    return [`${path}: ${secret}list`, ...value.flatMap((each) => fields(each, `${path}[]`))];
  }
  if (typeof value !== "object" || value === null) {
    return [`${path}: ${secret}${value === null ? "null" : typeof value}`];
  }
  const entries = value as Record<string, unknown>;
  if (entries[SIGNATURE_KEY] === SECRET_SIGNATURE) {
    return fields(JSON.parse(String(entries.plaintext)), path, "secret ");
  }
  return [
    `${path}: ${secret}object`,
    ...Object.entries(entries).flatMap(([name, each]) => fields(each, `${path}.${name}`)),
  ];
}
