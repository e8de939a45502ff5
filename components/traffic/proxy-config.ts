import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { ofMinor } from "../mesh/api-versions";
import { filled } from "../mesh/exposure-fields";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { checked } from "./faults";
import { objectName } from "./metadata";
import { namespaceOfScope, type Scope, scopeFields } from "./security/scope";
import { integer, oneOf } from "./values";

/** How proxies themselves run. Running pods keep what they were born with. */
export interface ProxyConfigArgs {
  readonly name: string;
  readonly scope: Exclude<Scope, { readonly kind: "attached" }>;
  /** Worker threads; 0 for as many as there are cores. Default: by the CPU limit of the proxy, else 2. */
  readonly concurrency?: number;
  /** Environment of the proxy, such as `{ ISTIO_META_DNS_CAPTURE: "true" }`. Default none. */
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** Build of the proxy's image. Default: as installed. */
  readonly imageType?: "default" | "debug" | "distroless";
}

/** From here on there is such a kind. It never got another version. */
const SINCE = "1.13";

/** A ProxyConfig. */
export const renderProxyConfig = (args: ProxyConfigArgs, context: TrafficContext): KubeObject[] =>
  checked(`ProxyConfig ${args.name}`, (at) => {
    const { name, scope, concurrency, environmentVariables: variables = {}, imageType } = args;
    if (!ofMinor(context.version, SINCE)) {
      at.in("name").fault(
        `Istio ${context.version}`,
        `Istio ${SINCE} or later`,
        "set it in the mesh's proxy settings",
      );
    }
    if (concurrency !== undefined) integer(concurrency, at.in("concurrency"), { max: 2 ** 31 - 1 });
    for (const [variable, value] of Object.entries(variables)) {
      const here = at.in("environmentVariables", variable);
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
        here.fault(variable, "a variable's name", "correct the spelling");
      if (value.length > 2048) here.fault(value, "at most 2048 characters", "shorten it");
    }
    if (imageType !== undefined) oneOf(imageType, ["default", "debug", "distroless"], at.in("imageType"));
    const settings = filled({
      concurrency,
      environmentVariables: variables,
      image: imageType === undefined ? undefined : { imageType },
    });
    if (Object.keys(settings).length === 0) {
      at.fault({}, "one of concurrency, environmentVariables, imageType", "say one, or leave it out");
    }
    return [
      {
        apiVersion: "networking.istio.io/v1beta1",
        kind: "ProxyConfig",
        metadata: { name: objectName(name, at.in("name")), namespace: namespaceOfScope(scope) },
        spec: { ...scopeFields(scope, context, at.in("scope")), ...settings },
      },
    ];
  });

/** How proxies themselves run. */
export class ProxyConfig extends DeclaredPolicy {
  constructor(
    name: string,
    args: ProxyConfigArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("ProxyConfig", name, renderProxyConfig(args, args), options);
  }
}
