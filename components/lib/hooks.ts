import * as pulumi from "@pulumi/pulumi";

/** Pulumi's mocks reject a hook's registration, and every unit test that builds a platform would fail on it. */
export function engineKnowsHooks(): boolean {
  const monitor = pulumi.runtime.getMonitor();
  return monitor !== undefined && "registerResourceHook" in monitor;
}
