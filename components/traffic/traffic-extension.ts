import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { ofMinor } from "../mesh/api-versions";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { checked, type Place } from "./faults";
import { namespaceOfScope, type Scope, scopeFields } from "./security/scope";
import { dnsLabel, filledText, integer, oneOf } from "./values";

/** A program that proxies run for each request. */
export type ExtensionCode =
  | {
      readonly kind: "lua" /** With `envoy_on_request` or `envoy_on_response`; at most 64 KiB. */;
      readonly inlineCode: string;
    }
  | {
      readonly kind: "wasm";
      /** `oci://IMAGE`, `https://…`, `file://…`. */
      readonly url: string;
      /** Checksum of the module, 64 hexadecimal digits. Default: unchecked. */
      readonly sha256?: string;
      /** The module's own settings. Default none. */
      readonly pluginConfig?: Readonly<Record<string, unknown>>;
      readonly failStrategy?: "FAIL_CLOSE" | "FAIL_OPEN" | "FAIL_RELOAD";
    };

export interface TrafficExtensionArgs {
  readonly name: string;
  readonly scope: Scope;
  readonly code: ExtensionCode;
  /** Where in the order of Istio's own filters: before authentication, before or behind authorization. Default last. */
  readonly phase?: "AUTHN" | "AUTHZ" | "STATS";
  /** Higher ones of a phase run first. Default none. */
  readonly priority?: number;
}

/** A TrafficExtension, or for Wasm before Istio 1.30 a WasmPlugin. */
export function renderTrafficExtension(args: TrafficExtensionArgs, context: TrafficContext): KubeObject {
  const { name, scope, code, phase, priority } = args;
  return checked(`TrafficExtension ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    const extension = ofMinor(context.version, "1.30");
    if (!extension && code.kind === "lua") {
      at.in("code", "kind").fault(
        `lua with Istio ${context.version}`,
        "Istio 1.30 or later",
        "use an EnvoyFilter",
      );
    }
    if (phase !== undefined) oneOf(phase, ["AUTHN", "AUTHZ", "STATS"], at.in("phase"));
    if (priority !== undefined)
      integer(priority, at.in("priority"), { min: -2_147_483_648, max: 2_147_483_647 });
    const fields = codeFields(code, at.in("code"));
    return {
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: extension ? "TrafficExtension" : "WasmPlugin",
      metadata: { name, namespace: namespaceOfScope(scope) },
      spec: {
        ...scopeFields(scope, context, at.in("scope")),
        ...(phase === undefined ? {} : { phase }),
        ...(priority === undefined ? {} : { priority }),
        ...(extension ? { [code.kind]: fields } : fields),
      },
    };
  });
}

function codeFields(code: ExtensionCode, at: Place): object {
  if (code.kind === "lua") {
    const bytes = Buffer.byteLength(filledText(code.inlineCode, at.in("inlineCode")));
    if (bytes > 65_536)
      at.in("inlineCode").fault(`${bytes} bytes`, "at most 65536", "shorten it, or make it Wasm");
    if (!/\benvoy_on_(request|response)\b/.test(code.inlineCode)) {
      at.in("inlineCode").fault(
        code.inlineCode,
        "envoy_on_request or envoy_on_response",
        "define one: nothing else is called",
      );
    }
    return { inlineCode: code.inlineCode };
  }
  const { kind: _, ...fields } = code;
  if (!/^(oci|https?|file):\/\/\S+$/.test(code.url))
    at.in("url").fault(code.url, "oci://, https://, http:// or file://", "write where it is");
  if (code.sha256 !== undefined && !/^[0-9a-f]{64}$/.test(code.sha256)) {
    at.in("sha256").fault(code.sha256, "64 hexadecimal digits", "copy it whole");
  }
  return fields;
}

/** A Lua or Wasm program in proxies. */
export class TrafficExtension extends DeclaredPolicy {
  constructor(
    name: string,
    args: TrafficExtensionArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("TrafficExtension", name, [renderTrafficExtension(args, args)], options);
  }
}
