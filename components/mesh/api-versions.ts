import { atLeast, minorOf } from "../lib/versions";

/** The apiVersion to write for each of Istio's API groups. */
export interface IstioApi {
  /** Of VirtualService, DestinationRule, Gateway, ServiceEntry and Sidecar. */
  readonly networking: string;
  /** Of PeerAuthentication. */
  readonly security: string;
  /** Of AuthorizationPolicy and RequestAuthentication, which became stable before PeerAuthentication did. */
  readonly authorization: string;
  /** Of Telemetry. Undefined where no such kind exists yet. */
  readonly telemetry: string | undefined;
  /** Of EnvoyFilter, which never got another one. */
  readonly envoyFilter: string;
}

/** Whether a version of Istio, perhaps one before its release, is of a minor or of a later one. */
export const ofMinor = (version: string, minor: string): boolean => atLeast(minorOf(version), minor);

/** The newest apiVersion that a version of Istio serves. */
export function istioApi(version: string): IstioApi {
  const stable = ofMinor(version, "1.22");
  return {
    networking: `networking.istio.io/${stable ? "v1" : "v1beta1"}`,
    security: `security.istio.io/${stable ? "v1" : "v1beta1"}`,
    authorization: `security.istio.io/${ofMinor(version, "1.17") ? "v1" : "v1beta1"}`,
    telemetry: ofMinor(version, "1.10") ? `telemetry.istio.io/${stable ? "v1" : "v1alpha1"}` : undefined,
    envoyFilter: "networking.istio.io/v1alpha3",
  };
}
