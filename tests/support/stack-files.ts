import { join } from "node:path";
import { parse } from "yaml";
import { plainSettings } from "../../scripts/lib/settings";
import { presets } from "../../stacks/presets/presets";
import { hostKey } from "./platforms";
import { projectFiles, projectRoot, readProjectFile } from "./rendered";

/** A whole stack that is shipped, as the program gets it. */
export interface ShippedStack {
  readonly name: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

const file = (name: string): ShippedStack => ({ name, raw: plainSettings(join(projectRoot, name)) });

function settingsOf(text: string): ShippedStack["raw"] {
  const { config } = parse(text) as { readonly config: object };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^mesh-platform:/, ""), value]),
  );
}

/** Blocks of YAML that are a whole stack, as a reader may copy it: with hosts or a mesh, and nothing left out. */
const blocks = (page: string): ShippedStack[] =>
  [...readProjectFile(page).matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, text = ""]) => text)
    .filter((text) => /^config:/m.test(text) && /mesh-platform:(hosts|mesh):/.test(text))
    .filter((text) => !text.includes("[...]"))
    .map((text, index) => ({
      name: `${page}#${index + 1}`,
      // A key is cut short on a page.
      raw: settingsOf(text.replaceAll(/ssh-ed25519 AAAA…/g, hostKey("page"))),
    }));

const isPage = (path: string) => path.endsWith(".md");

/** Presets on the hosts of their documents. */
const documents: ShippedStack[] = Object.entries(presets).map(([preset, { hosts, config }]) => ({
  name: preset,
  raw: {
    preset,
    hosts: {
      kind: "inventory",
      members: hosts.map(({ roles, ...host }) => ({
        ...host,
        roles: roles.filter((role) => config.etcd?.kind !== "kubeadm" || role !== "etcd"),
        hostKey: hostKey(host.name),
      })),
    },
  },
}));

export const shippedStacks: readonly ShippedStack[] = [
  // By name: a checkout has stacks of its user beside them.
  ...["Pulumi.aliyun-slb.yaml", "Pulumi.dev.yaml", "Pulumi.lab.yaml"].map(file),
  ...projectFiles(["examples"], (path) => path.endsWith(".yaml")).map(file),
  ...[...projectFiles(["docs"], isPage), "README.md"].flatMap(blocks),
  ...documents,
];
