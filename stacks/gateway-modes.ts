import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { GatewayAuthority } from "../components/mesh/certificates";
import type { CertificatePems, Credential, GatewayMode, InsideTls } from "../components/mesh/gateway-modes";
import type { gatewayMode } from "./config/exposure-schema";

type ModeConfig = z.output<typeof gatewayMode>;
type Source = Extract<ModeConfig, { kind: "terminate" }>["certificate"];

/** Where certificates come from, and whom they are for. */
export interface CertificateSources {
  /** Of the route; Secrets are called after it. */
  readonly name: string;
  readonly hosts: readonly string[];
  /** Full name of the application's Service. */
  readonly backendHost: string;
  /** Makes the platform's authority when the first certificate wants it. */
  readonly authority: () => GatewayAuthority;
  /** Entries of the secret key gatewayCertificates. Default none. */
  readonly given?: Readonly<Record<string, CertificatePems>>;
}

/** The mode of a config with its certificates, as components take it. */
export function resolveGatewayMode(mode: ModeConfig, sources: CertificateSources): GatewayMode {
  const { name } = sources;
  switch (mode.kind) {
    case "http":
      return mode;
    case "passthrough":
      return mode.application === undefined
        ? { kind: mode.kind }
        : { kind: mode.kind, application: credentialOf(mode.application, `${name}-application`, sources) };
    case "terminate":
      return { ...mode, credential: credentialOf(mode.certificate, name, sources) };
    case "mutual":
      return {
        ...mode,
        credential: credentialOf(mode.certificate, name, sources),
        clientAuthority: clientAuthority(mode, sources),
      };
    case "reencrypt":
      return {
        ...mode,
        credential: credentialOf(mode.certificate, name, sources),
        inside: inside(mode.inside, sources),
      };
  }
}

export function credentialOf(source: Source, id: string, sources: CertificateSources): Credential {
  if (source.kind === "secret") return { secretName: source.secretName };
  const secretName = `${id}-tls`;
  if (source.kind === "generated") {
    return { secretName, pems: sources.authority().server(id, sources.hosts) };
  }
  const pems = sources.given?.[source.entry];
  if (pems !== undefined) return { secretName, pems };
  const known = Object.keys(sources.given ?? {}).join(", ") || "none";
  throw new Error(
    `gateway route ${sources.name}: certificate.entry is ${source.entry}; allowed: an entry of the secret key ` +
      `gatewayCertificates (${known}); add it there`,
  );
}

function clientAuthority(
  { clients }: Extract<ModeConfig, { kind: "mutual" }>,
  { authority }: CertificateSources,
): { certificate?: pulumi.Input<string> } {
  if (clients.kind === "secret") return {};
  return { certificate: clients.kind === "given" ? clients.certificate : authority().certificate };
}

/** Certificates for the clients of a route, by `ROUTE/CLIENT`; none where others make them. */
export function issueClients(mode: ModeConfig, { authority, name }: CertificateSources) {
  const names = mode.kind === "mutual" && mode.clients.kind === "generated" ? mode.clients.names : [];
  const issued = names.map((client): [string, CertificatePems] => [
    `${name}/${client}`,
    authority().client(`${name}-${client}`, client),
  ]);
  return Object.fromEntries(issued);
}

function inside(
  { kind, mutual, secretName, sni }: Extract<ModeConfig, { kind: "reencrypt" }>["inside"],
  { authority, name, backendHost }: CertificateSources,
): InsideTls {
  const common = { secretName: secretName ?? `${name}-inside`, sni };
  if (kind === "secret") return { ...common, client: mutual ? "inSecret" : undefined };
  const client = mutual ? authority().client(`${name}-gateway`, `${name}-gateway`) : undefined;
  const pems = authority().server(`${name}-backend`, [sni ?? backendHost]);
  const application = { secretName: `${name}-backend-tls`, pems };
  return { ...common, authority: authority().certificate, client, application };
}
