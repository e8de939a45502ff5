import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kubernetesImages } from "../../components/artifacts/images";
import { imageRepositories } from "../../components/artifacts/sources";
import {
  type KubeadmApi,
  type KubeadmModel,
  renderInitConfig,
} from "../../components/control-plane/kubeadm-config";
import { mirrorVersions } from "../../components/sandbox/mirror/versions";
import { cp1, files, plain, variants } from "../support/kubeadm-variants";
import { program } from "../support/programs";

/** What kubeadm says about a file; it exits with an error for an unknown field. */
function validate(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mesh-platform-kubeadm-"));
  try {
    writeFileSync(join(folder, "kubeadm.yaml"), text);
    return execFileSync(
      program("kubeadm"),
      ["config", "validate", "--config", join(folder, "kubeadm.yaml")],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("kubeadm", () => {
  const rows = (["v1beta3", "v1beta4"] as const).flatMap((api) =>
    Object.entries(variants).map(([name, variant]) => [api, name, variant] as const),
  );

  it.each(rows)("takes %s: %s", (api: KubeadmApi, _, variant) => {
    // With a version of today: this kubeadm still reads the old API, but no Kubernetes of that time.
    const model = { ...plain, api, kubernetesVersion: mirrorVersions.kubernetes, ...variant };
    for (const text of Object.values(files(model))) expect(validate(text)).toBe("ok\n");
  });

  it("would say so if a field were wrong", () => {
    const model: KubeadmModel = { ...plain, api: "v1beta4", kubernetesVersion: mirrorVersions.kubernetes };
    const wrong = renderInitConfig(model, cp1).replace("podSubnet:", "podNetwork:");
    expect(() => validate(wrong)).toThrow('unknown field "networking.podNetwork"');
  });

  it("lists the images of its version that the project lists", () => {
    const version = mirrorVersions.kubernetes;
    const listed = execFileSync(
      program("kubeadm"),
      ["config", "images", "list", "--kubernetes-version", `v${version}`],
      { encoding: "utf8", timeout: 30_000 },
    );
    const args = { imageRepository: imageRepositories.upstream, kubeProxy: true, stackedEtcd: true };
    expect(kubernetesImages({ kubernetes: version, ...args })).toEqual(listed.trim().split("\n").sort());
  });
});
