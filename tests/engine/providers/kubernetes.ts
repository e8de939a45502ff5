/**
 * Stand-in for the `kubernetes` provider: objects of any kind in a real cluster, by server-side apply.
 * Charts are rendered by the function that renders, and no more; Helm releases, YAML files, Kustomize are refused.
 */
import { serve } from "./harness";
import { decodeYaml, helmTemplate } from "./kubernetes/chart";
import { ObjectKind } from "./kubernetes/resource";
import { ClusterSettings, diffSettings } from "./kubernetes/settings";

const settings = new ClusterSettings();
const anyObject = new ObjectKind(settings);

/** `kubernetes:apps/v1:Deployment`, `kubernetes:networking.istio.io/v1:VirtualService`, … */
const OBJECT_TYPE = /^kubernetes:[^:]+\/v[0-9][a-z0-9]*:[A-Za-z0-9]+$/;
const NOT_OBJECTS = /^kubernetes:(helm\.sh|yaml|kustomize)\b/;

serve({
  version: "4.32.0",
  kind: (type) => (OBJECT_TYPE.test(type) && !NOT_OBJECTS.test(type) ? anyObject : undefined),
  configure: (args) => settings.configure(args),
  diffConfig: diffSettings,
  functions: { "kubernetes:helm:template": helmTemplate, "kubernetes:yaml:decode": decodeYaml },
});
