import { dockerHub } from "./sources";
import type { Download } from "./types";

/** Istio's charts by the names they are published under. */
export type IstioChart = "base" | "istiod" | "gateway" | "cni" | "ztunnel";

/** A chart of a repository (`https://…` or `oci://…`), or a packed chart at an address or a path. */
export type ChartReference =
  | { readonly repo: string; readonly name: string; readonly version: string }
  | { readonly path: string; readonly name: string };

/** Where Istio comes from. */
export type IstioSource =
  /** Istio's own repository. No public mirror in China is known to carry the charts; images can come by another hub. */
  | { readonly kind: "upstream"; readonly hub?: string | undefined }
  /** A repository of one's own: `https://…` with an index, or `oci://…` of a registry. */
  | { readonly kind: "repository"; readonly repository: string; readonly hub?: string | undefined }
  /** A mirror of files: `FILES/charts/NAME-VERSION.tgz`, and istioctl below `FILES/istio/VERSION`. */
  | { readonly kind: "files"; readonly files: string; readonly hub?: string | undefined }
  /** A folder of this computer with `NAME-VERSION.tgz` in it; hosts have a mirror of files, or go upstream. */
  | {
      readonly kind: "folder";
      readonly folder: string;
      readonly files?: string | undefined;
      readonly hub?: string | undefined;
    };

/** Where the parts of Istio come from, for every version. */
export interface IstioArtifacts {
  /** For people. */
  readonly description: string;
  /** Registry and path in front of the names of images. Hosts with a registry mirror find it under the same name. */
  readonly hub: string;
  readonly chart: (name: IstioChart, version: string) => ChartReference;
  /** The program of a version, for versions that are older than the charts. */
  readonly istioctl: (version: string) => Download;
}

/** Registry and path of its images. */
export const istioHub = `${dockerHub}/istio`;
const istioCharts = "https://blob.istio.io/istio-release/charts";
const istioReleases = "https://github.com/istio/istio/releases/download";

const program = (base: string, version: string): Download => {
  const url = `${base}/${version}/istioctl-${version}-linux-@ARCH@.tar.gz`;
  return { url, checksumUrl: `${url}.sha256` };
};

const packed = (base: string, name: IstioChart, version: string): ChartReference => ({
  path: `${base}/${name}-${version}.tgz`,
  name,
});

/** Settles where charts, images and istioctl come from. */
export function istioArtifacts(source: IstioSource): IstioArtifacts {
  const hub = source.hub ?? istioHub;
  switch (source.kind) {
    case "upstream":
      return {
        description: "charts from Istio's repository",
        hub,
        chart: (name, version) => ({ repo: istioCharts, name, version }),
        istioctl: (version) => program(istioReleases, version),
      };
    case "repository":
      return {
        description: `charts from ${source.repository}`,
        hub,
        chart: (name, version) => ({ repo: source.repository, name, version }),
        istioctl: (version) => program(istioReleases, version),
      };
    case "files":
      return {
        description: `charts from ${source.files}`,
        hub,
        chart: (name, version) => packed(`${source.files}/charts`, name, version),
        istioctl: (version) => program(`${source.files}/istio`, version),
      };
    case "folder":
      return {
        description: `charts from ${source.folder}`,
        hub,
        chart: (name, version) => packed(source.folder, name, version),
        istioctl: (version) =>
          program(source.files === undefined ? istioReleases : `${source.files}/istio`, version),
      };
  }
}
