import { isDeepStrictEqual } from "node:util";
import { keptForm } from "../../../components/lib/kept-form";
import { type KubeObject, titleOf } from "../../../components/lib/objects";
import type { Scenario, ScenarioContext } from "../../../components/traffic/scenarios";
import type { Kubectl } from "./kubectl";

/** Everything about an object that is not its name, its state, or the cluster's own bookkeeping. */
const contentOf = ({
  apiVersion: _version,
  kind: _kind,
  metadata: _metadata,
  status: _status,
  ...content
}: KubeObject) => keptForm(content);

const short = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The first places in which an object of the cluster is not as it is declared. Of Istio's own kinds the cluster keeps
 * what it is given; to others it adds defaults, so that there only what is declared has to be found.
 */
export function differences(declared: unknown, live: unknown, exact: boolean, at = ""): string[] {
  if (Array.isArray(declared) && Array.isArray(live) && declared.length === live.length)
    return declared.flatMap((item, index) => differences(item, live[index], exact, `${at}[${index}]`));
  if (isMap(declared) && isMap(live)) {
    const keys = exact
      ? [...new Set([...Object.keys(declared), ...Object.keys(live)])]
      : Object.keys(declared);
    return keys.flatMap((key) =>
      differences(declared[key], live[key], exact, at === "" ? key : `${at}.${key}`),
    );
  }
  return isDeepStrictEqual(declared, live)
    ? []
    : [`${at}: declared ${short(declared)}, there ${short(live)}`];
}

/** In which ways the cluster has not what a scenario declares. */
export function missing(declared: readonly KubeObject[], live: readonly KubeObject[]): string[] {
  const there = new Map(live.map((object) => [titleOf(object), object]));
  return declared.flatMap((object) => {
    const found = there.get(titleOf(object));
    if (found === undefined) return [`${titleOf(object)} is missing`];
    const exact = object.apiVersion.includes("istio.io/");
    const [first] = differences(contentOf(object), contentOf(found), exact);
    return first === undefined ? [] : [`${titleOf(object)} is different, ${first}`];
  });
}

const asText = (value: unknown): string => JSON.stringify(value).replaceAll('"', "").replaceAll(":", ": ");

/** What to write into the config so that a scenario is on. */
export function howToSwitchOn({ name, needs }: Scenario, stack: string, file: string): string {
  const apps = Object.entries(needs).map(([app, settings]) => `${app}: ${asText(settings)}`);
  return [
    `Put this into ${file}, then run \`npm run up -- --stack ${stack}\`:`,
    `  mesh-platform:apps: { ${apps.join(", ")} }`,
    `  mesh-platform:traffic: { scenarios: [${name}] }`,
  ].join("\n");
}

/** The objects of a scenario, and why it is not on; nothing where it is. Secrets are not asked for. */
export async function checkDeclared(
  scenario: Scenario,
  context: ScenarioContext,
  kubectl: Kubectl,
): Promise<{ readonly objects: readonly KubeObject[]; readonly faults: readonly string[] }> {
  const objects = scenario.render(context).filter(({ kind }) => kind !== "Secret");
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const args = ["get", "-f", "-", "--ignore-not-found"];
  const list = await kubectl.json<{ items?: KubeObject[] } & KubeObject>(args, { input });
  return { objects, faults: missing(objects, list.items ?? (list.kind === undefined ? [] : [list])) };
}
