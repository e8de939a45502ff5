import { describe, expect, it } from "vitest";
import { type IstioSource, istioArtifacts } from "../../../components/artifacts/charts";

describe("istioArtifacts", () => {
  it.each<[IstioSource, object, string]>([
    [
      { kind: "upstream" },
      { repo: "https://blob.istio.io/istio-release/charts", name: "base", version: "1.30.5" },
      "https://github.com/istio/istio/releases/download/1.10.0/istioctl-1.10.0-linux-@ARCH@.tar.gz",
    ],
    [
      { kind: "repository", repository: "oci://registry.example.com/charts" },
      { repo: "oci://registry.example.com/charts", name: "base", version: "1.30.5" },
      "https://github.com/istio/istio/releases/download/1.10.0/istioctl-1.10.0-linux-@ARCH@.tar.gz",
    ],
    [
      { kind: "files", files: "https://mirror.example.com" },
      { path: "https://mirror.example.com/charts/base-1.30.5.tgz", name: "base" },
      "https://mirror.example.com/istio/1.10.0/istioctl-1.10.0-linux-@ARCH@.tar.gz",
    ],
    [
      { kind: "folder", folder: "/cache/mirror/files/charts", files: "http://172.30.0.1:5000/files" },
      { path: "/cache/mirror/files/charts/base-1.30.5.tgz", name: "base" },
      "http://172.30.0.1:5000/files/istio/1.10.0/istioctl-1.10.0-linux-@ARCH@.tar.gz",
    ],
  ])("of %o", (source, chart, program) => {
    const artifacts = istioArtifacts(source);
    expect(artifacts.chart("base", "1.30.5")).toEqual(chart);
    expect(artifacts.istioctl("1.10.0")).toEqual({ url: program, checksumUrl: `${program}.sha256` });
    expect(artifacts.hub).toBe("docker.io/istio");
    expect(artifacts.description).toContain("charts from ");
  });

  it("takes images from another hub", () => {
    expect(istioArtifacts({ kind: "upstream", hub: "registry.example.com/istio" }).hub).toBe(
      "registry.example.com/istio",
    );
  });
});
