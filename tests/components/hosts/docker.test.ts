import { describe, expect, it } from "vitest";
import { renderDaemonJson } from "../../../components/hosts/docker";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";
import { hubMirrors, mergeMirrors, renderMirrors } from "../../../components/hosts/registry-mirrors";

describe("renderDaemonJson", () => {
  it("agrees with the kubelet on control groups, and bounds logs", () => {
    expect(JSON.parse(renderDaemonJson(machineProfile, []))).toEqual({
      "exec-opts": ["native.cgroupdriver=systemd"],
      "live-restore": true,
      "log-driver": "json-file",
      "log-opts": { "max-size": "100m", "max-file": "3" },
    });
    expect(renderDaemonJson(sharedKernelProfile, [])).toContain("native.cgroupdriver=cgroupfs");
  });

  it("names mirrors in their order, those without TLS as such too", () => {
    const mirrors = ["https://a.example.com", "http://10.0.0.9:5000"];
    expect(JSON.parse(renderDaemonJson(machineProfile, mirrors))).toMatchObject({
      "registry-mirrors": mirrors,
      "insecure-registries": ["10.0.0.9:5000"],
    });
  });
});

describe("mirrors of registries", () => {
  it("are the operator's first, then the artifacts', then what stands for every registry", () => {
    const merged = mergeMirrors({ "quay.io": ["https://q"], _default: ["https://d"] }, [
      { registry: "_default", url: "http://m" },
      { registry: "quay.io", url: "http://mq" },
    ]);
    expect(merged).toEqual({
      _default: ["https://d", "http://m"],
      "quay.io": ["https://q", "http://mq", "https://d", "http://m"],
    });
    expect(renderMirrors(merged)).toEqual([
      "_default https://d http://m",
      "quay.io https://q http://mq https://d http://m",
    ]);
  });

  it("reach Docker as far as they are about Docker Hub", () => {
    expect(hubMirrors({ "quay.io": ["https://q"] })).toEqual([]);
    expect(hubMirrors({ "docker.io": ["https://h"], _default: ["https://d"] })).toEqual(["https://h"]);
    expect(hubMirrors({ _default: ["https://d"] })).toEqual(["https://d"]);
  });
});
