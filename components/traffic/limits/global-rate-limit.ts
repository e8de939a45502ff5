import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { serviceHost, type TrafficContext } from "../context";
import { DeclaredPolicy } from "../declared-policy";
import { renderEnvoyFilter } from "../envoy-filter";
import { checked } from "../faults";
import type { Scope } from "../security/scope";
import { dnsLabel, duration, filledText, milliseconds, secondsText, statusCode } from "../values";
import { actionOf } from "./entries";
import { beforeRouter, inVirtualHost, type Side } from "./proxy-side";
import type { RateLimitServiceHandle } from "./rate-limit-service";
import { type LimitDomain, renderDomain } from "./rules";

export interface GlobalRateLimitArgs {
  readonly name: string;
  readonly scope: Scope;
  /** Default `inbound`: before the application. */
  readonly side?: Side;
  /** What is counted, and how much of it may be. The service has to be given the same domain. */
  readonly domain: LimitDomain;
  readonly service: RateLimitServiceHandle;
  /** Virtual hosts: `inbound|http|PORT` before the application, else `HOST:PORT`. Default: all. */
  readonly virtualHosts?: readonly string[];
  /** What becomes of requests while the service does not answer. Default `pass`. */
  readonly whenUnavailable?: "pass" | "refuse";
  /** How long a request waits for the service. Default `100ms`. */
  readonly timeout?: string;
  /** Answer to refused requests, 400 or more. Default 429. */
  readonly status?: number;
  /** Adds `x-ratelimit-limit`, `-remaining` and `-reset` to answers. Default false. */
  readonly rateLimitHeaders?: boolean;
  /** Order among the filters of a proxy. Default 20, behind local limits, which spare the service. */
  readonly priority?: number;
}

const because = "Istio has no kind of its own for limits that proxies share";

/** The EnvoyFilter by which proxies ask the rate limit service about requests. */
export function renderGlobalRateLimit(args: GlobalRateLimitArgs, context: TrafficContext): KubeObject {
  const { name, scope, side = "inbound", domain, virtualHosts, priority = 20 } = args;
  return checked(`GlobalRateLimit ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    renderDomain(domain, at.in("domain"));
    if (virtualHosts?.length === 0)
      at.in("virtualHosts").fault([], "one or more", "leave it out to mean all");
    virtualHosts?.forEach((host, index) => void filledText(host, at.in("virtualHosts", index)));
    duration(args.timeout ?? "100ms", at.in("timeout"));
    statusCode(args.status ?? 429, at.in("status"), { min: 400 });
    const rate_limits = domain.rules.map(({ entries }) => ({ actions: entries.map(actionOf) }));
    const hosts = virtualHosts ?? [undefined];
    const patches = [
      beforeRouter(side, filter(args, context)),
      // In virtual hosts and not in routes: one that redirects has no place for limits, and would lose its redirect.
      ...hosts.map((host) => inVirtualHost(side, host, { rate_limits })),
    ];
    return renderEnvoyFilter({ name, scope, because, priority, patches }, context);
  });
}

function filter(args: GlobalRateLimitArgs, context: TrafficContext): Readonly<Record<string, unknown>> {
  const {
    domain,
    service,
    whenUnavailable = "pass",
    timeout = "100ms",
    status = 429,
    rateLimitHeaders,
  } = args;
  const host = serviceHost(service.name, service.namespace, context);
  return {
    name: "envoy.filters.http.ratelimit",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
      domain: domain.name,
      failure_mode_deny: whenUnavailable === "refuse",
      timeout: secondsText(milliseconds(timeout) ?? 0),
      ...(status === 429 ? {} : { rate_limited_status: { code: status } }),
      ...(rateLimitHeaders === true ? { enable_x_ratelimit_headers: "DRAFT_VERSION_03" } : {}),
      rate_limit_service: {
        // The cluster that istiod makes for the Service: with it come mutual TLS and the endpoints of the mesh.
        grpc_service: { envoy_grpc: { cluster_name: `outbound|${service.port}||${host}`, authority: host } },
        transport_api_version: "V3",
      },
    },
  };
}

/** A limit that all proxies share, by asking the rate limit service. */
export class GlobalRateLimit extends DeclaredPolicy {
  constructor(
    name: string,
    args: GlobalRateLimitArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("GlobalRateLimit", name, [renderGlobalRateLimit(args, args)], options);
  }
}
