import { filled } from "../mesh/exposure-fields";
import type { BlockKind } from "./destination-policy";
import type { Block, Site } from "./destination-site";
import type { Place } from "./faults";
import { filledText, host, oneOf } from "./values";

/** What the proxy shows and expects as the host's client. */
interface Peer {
  /** Name that the proxy asks for. Default: that of the request. */
  readonly sni?: string;
  /** Names of which the host's certificate must have one. Default: that of the request. */
  readonly subjectAltNames?: readonly string[];
}

interface Verifying extends Peer {
  /** File in the proxy with the authorities of the host's certificate; `system` for those of the proxy's image. */
  readonly caCertificates?: string;
  /** File in the proxy with certificates that are taken back. Default: none. */
  readonly caCrl?: string;
  /** Take any certificate. Default false. */
  readonly insecureSkipVerify?: boolean;
  /**
   * A Secret instead of files, in the namespace of the proxies. Gateways read it; sidecars only by a rule with
   * `workloadSelector`, and without that they send plain text.
   */
  readonly credentialName?: string;
}

/**
 * How a proxy speaks to a host as its client.
 *
 * - `DISABLE`: plain text.
 * - `SIMPLE`: TLS, where the host alone shows a certificate. One of `caCertificates`, `credentialName` and
 *   `insecureSkipVerify` says what is expected of it.
 * - `MUTUAL`: TLS with a certificate of one's own, from files or a Secret.
 * - `ISTIO_MUTUAL`: the mesh's own mutual TLS, which proxies choose by themselves where nothing is said.
 */
export type ClientTlsArgs =
  | { readonly mode: "DISABLE" }
  | ({ readonly mode: "SIMPLE" } & Verifying)
  | ({
      readonly mode: "MUTUAL";
      /** Files in the proxy, both or none. */
      readonly clientCertificate?: string;
      readonly privateKey?: string;
    } & Verifying)
  | ({ readonly mode: "ISTIO_MUTUAL" } & Peer);

/** Every field that any mode has. */
type Fields = Verifying & { readonly clientCertificate?: string; readonly privateKey?: string };

const peer = ["sni", "subjectAltNames"] as const;
const verifying = ["caCertificates", "caCrl", "insecureSkipVerify", "credentialName", ...peer] as const;

/** What each mode may say; anything else Istio ignores, or refuses. */
const fieldsOf: Readonly<Record<ClientTlsArgs["mode"], readonly (keyof Fields)[]>> = {
  DISABLE: [],
  SIMPLE: verifying,
  MUTUAL: ["clientCertificate", "privateKey", ...verifying],
  ISTIO_MUTUAL: peer,
};

/** Certificates come from a Secret or from files, and are checked or not. */
function checkSources(mode: "SIMPLE" | "MUTUAL", fields: Fields, at: Place): void {
  const { caCertificates, caCrl, credentialName, clientCertificate, privateKey } = fields;
  const files = Object.entries({ caCertificates, caCrl, clientCertificate, privateKey });
  const given = files.filter(([, value]) => value !== undefined).map(([name]) => name);
  if (credentialName !== undefined && given.length > 0) {
    at.fault(`credentialName and ${given.join(", ")}`, "a Secret or files", "choose one");
  }
  if (mode === "MUTUAL" && credentialName === undefined) {
    for (const [name, value] of Object.entries({ clientCertificate, privateKey })) {
      if (value === undefined)
        at.in(name).fault(undefined, "a file in the proxy", "name it, or name a Secret by credentialName");
    }
  }
}

function checkVerification(mode: "SIMPLE" | "MUTUAL", fields: Fields, at: Place): void {
  const { caCertificates, credentialName, insecureSkipVerify: skip = false, subjectAltNames } = fields;
  const trusts = caCertificates !== undefined || credentialName !== undefined;
  if (!skip && !trusts) {
    at.in("caCertificates").fault(
      undefined,
      "a file, system, or credentialName",
      'name one; "system" is what Istio takes from 1.21 on where nothing is said, and before it took any certificate',
    );
  }
  // With MUTUAL the Secret may hold no more than the own certificate.
  const expects = [
    caCertificates === undefined ? "" : "caCertificates",
    credentialName === undefined || mode === "MUTUAL" ? "" : "credentialName",
    subjectAltNames === undefined ? "" : "subjectAltNames",
  ].filter((name) => name !== "");
  if (skip && expects.length > 0) {
    at.in("insecureSkipVerify").fault(`true with ${expects.join(", ")}`, "one of both", "leave one out");
  }
}

/** The block `tls` of a DestinationRule. */
export function renderTls(args: ClientTlsArgs, { at }: Pick<Site, "at">): Block {
  const { mode, ...fields } = args as { mode: ClientTlsArgs["mode"] } & Fields;
  const allowed = fieldsOf[oneOf(mode, ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"], at.in("mode"))] ?? [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!(allowed as readonly string[]).includes(name)) {
      at.in(name).fault(
        value,
        `with mode ${mode}: ${allowed.join(", ") || "nothing else"}`,
        "leave it out, or change the mode",
      );
    } else if (typeof value === "string") filledText(value, at.in(name));
  }
  if (fields.sni !== undefined && fields.sni !== "") host(fields.sni, at.in("sni"), { wildcard: false });
  fields.subjectAltNames?.forEach((name, place) => void filledText(name, at.in("subjectAltNames", place)));
  if (mode === "SIMPLE" || mode === "MUTUAL") {
    checkSources(mode, fields, at);
    checkVerification(mode, fields, at);
  }
  return filled({ mode, ...fields });
}

export const tlsKind: BlockKind = {
  name: "tls",
  checkLevel: ({ credentialName }, { hasSelector }, site) => {
    if (credentialName === undefined || hasSelector) return;
    site.note(
      "MP0587",
      "without workloadSelector only gateways read the Secret; sidecars send plain text to the host",
      "set workloadSelector, or see that only a gateway sends there, by exportTo and the rule's namespace",
    );
  },
};
