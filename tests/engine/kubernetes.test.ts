/** Objects in a cluster through the kubernetes provider. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiServer } from "./api-server";
import { fieldsOf } from "./applied-fields";
import type { PlainMap } from "./providers/values";
import { TestStack } from "./support";

const CANARY = "canary-in-a-secret-1234";
const MAP = "/api/v1/namespaces/space/configmaps/map";
const WEB = "/apis/apps/v1/namespaces/space/deployments/web";
const WIDGET = "/apis/example.com/v1/namespaces/space/widgets/widget";

describe("objects in a cluster", () => {
  const server = new ApiServer();
  let stack: TestStack;
  let kubeconfig: string;

  beforeAll(async () => {
    await server.listen();
    kubeconfig = server.kubeconfig();
    stack = new TestStack("objects", { CANARY });
  });
  afterAll(() => {
    server.close();
    stack.dispose();
  });

  const env = (extra: NodeJS.ProcessEnv = {}) => ({ KUBECONFIG_TEXT: kubeconfig, ...extra });
  const changed = { VALUE: "two", REPLICAS: "2" };

  it("previews objects before there is a cluster", async () => {
    const plan = await stack.plan(env());
    expect(plan).toMatchObject({ "Deployment web": "create", "Widget widget": "create" });
    expect(server.writes).toEqual([]);
  });

  it("stores an object that does not become ready, and goes on from there", async () => {
    server.rolloutsSucceed = false;
    const { code, output } = await stack.run(["up", "--skip-preview"], env());
    expect(code).not.toBe(0);
    expect(output).toContain("timed out: waiting for the rollout (0 of 1 pods available, 1 updated)");
    expect(output).not.toContain(CANARY);

    server.rolloutsSucceed = true;
    await stack.up(env());
    await stack.up(env(), "--expect-no-changes");
    expect(server.writes.filter((write) => write.startsWith("POST"))).toHaveLength(6);
  });

  it("keeps a Secret's data out of the state in clear", () => {
    const text = stack.allText();
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(Buffer.from(CANARY).toString("base64"));
  });

  it("plans replacements for data of a ConfigMap, and updates for the rest", async () => {
    expect(await stack.plan(env(changed))).toEqual({
      "ConfigMap map": "replace",
      "Deployment web": "update",
      "Widget widget": "update",
    });
  });

  it("applies updates under a manager of its own", async () => {
    await stack.up(env(changed));
    expect(server.objects.get(MAP)?.data).toEqual({ value: "two" });
    const metadata = server.objects.get(WEB)?.metadata as PlainMap | undefined;
    expect(metadata?.managedFields).toEqual([
      {
        manager: expect.stringMatching(/^pulumi-kubernetes-[0-9a-f]{8}$/),
        operation: "Apply",
        fieldsV1: expect.anything(),
      },
    ]);
  });

  it("shows drift only after a refresh, and does not fight over a field", async () => {
    const widget = server.objects.get(WIDGET) as PlainMap;
    const { managedFields, ...metadata } = widget.metadata as PlainMap;
    server.objects.set(WIDGET, {
      ...widget,
      spec: { value: "by hand" },
      metadata: { ...metadata, managedFields: [{ manager: "kubectl-edit", operation: "Update" }] },
    });
    server.objects.delete(MAP);
    await stack.up(env(changed), "--expect-no-changes");
    const refreshed = await stack.refresh(env(changed));
    expect(refreshed).toMatch(/~ 1 updated\s+- 1 deleted/);
    const { code, output } = await stack.run(["up", "--skip-preview"], env(changed));
    expect(code).not.toBe(0);
    expect(output).toContain('conflict with "kubectl-edit"');
    expect(server.objects.has(MAP)).toBe(true);
  });

  it("deletes everything", async () => {
    await stack.destroy(env());
    expect([...server.objects.keys()]).toEqual([]);
  });

  it("refuses to take over an object that it did not make", async () => {
    server.objects.set("/api/v1/namespaces/space", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "space" },
    });
    const { code, output } = await stack.run(["up", "--skip-preview"], env());
    expect(code).not.toBe(0);
    expect(output).toContain('namespaces "space" already exists');
  });
});

describe("a patch of an object that somebody else made", () => {
  const server = new ApiServer();
  let stack: TestStack;
  let kubeconfig: string;
  const theirs = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "space" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: { spec: { containers: [{ name: "web", image: "web" }] } },
    },
  };
  /** As the installer writes it, each time whole. */
  const install = () =>
    server.objects.set(WEB, {
      ...theirs,
      metadata: {
        ...theirs.metadata,
        generation: 1,
        managedFields: [{ manager: "installer", operation: "Update", fieldsV1: fieldsOf(theirs) }],
      },
    });
  const env = (extra: NodeJS.ProcessEnv = {}) => ({ KUBECONFIG_TEXT: kubeconfig, ...extra });
  const web = () => {
    const { spec } = server.objects.get(WEB) as { spec: typeof theirs.spec };
    return { replicas: spec.replicas, containers: spec.template.spec.containers };
  };
  const address = { ADDRESS: "10.0.0.1" };
  const patched = [{ name: "web", image: "web", env: [{ name: "ADDRESS", value: "10.0.0.1" }] }];

  beforeAll(async () => {
    await server.listen();
    kubeconfig = server.kubeconfig();
    server.objects.set("/api/v1/namespaces/space", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "space" },
    });
    install();
    stack = new TestStack("patches");
  });
  afterAll(() => {
    server.close();
    stack.dispose();
  });

  it("does not fight over a field without being told to", async () => {
    const { code, output } = await stack.run(["up", "--skip-preview"], env({ POLITE: "yes" }));
    expect(code).not.toBe(0);
    expect(output).toContain('conflict with "installer"');
    expect(web()).toEqual({ replicas: 2, containers: theirs.spec.template.spec.containers });
  });

  it("waits until the whole object is ready", async () => {
    server.rolloutsSucceed = false;
    const { code, output } = await stack.run(["up", "--skip-preview"], env(address));
    expect(code).not.toBe(0);
    expect(output).toContain("timed out: waiting for the rollout (0 of 3 pods available, 3 updated)");
    server.rolloutsSucceed = true;
  });

  it("sets its fields and leaves the others", async () => {
    await stack.up(env(address));
    expect(web()).toEqual({ replicas: 3, containers: patched });
    await stack.up(env(address), "--expect-no-changes");
    expect(server.writes.filter((write) => !write.startsWith("PATCH"))).toEqual([]);
  });

  it("takes back a field that it no longer names", async () => {
    await stack.up(env());
    expect(web()).toEqual({ replicas: 3, containers: theirs.spec.template.spec.containers });
  });

  it("sees after a refresh that the object was written anew, and repairs it", async () => {
    await stack.up(env(address));
    install();
    await stack.up(env(address), "--expect-no-changes");
    expect(await stack.refresh(env(address))).toMatch(/~ 1 updated/);
    expect(await stack.plan(env(address))).toEqual({ "DeploymentPatch patch": "update" });
    await stack.up(env(address));
    expect(web()).toEqual({ replicas: 3, containers: patched });
  });

  it("leaves everything as it is where it shall be retained", async () => {
    await stack.up(env({ ...address, KEEP: "yes" }));
    await stack.destroy(env({ ...address, KEEP: "yes" }));
    expect(web()).toEqual({ replicas: 3, containers: patched });
  });

  it("gives its fields back otherwise, to nobody if nobody else has them", async () => {
    install();
    await stack.up(env(address));
    await stack.destroy(env(address));
    expect(web()).toEqual({ replicas: undefined, containers: theirs.spec.template.spec.containers });
    expect(server.writes.some((write) => write.startsWith("DELETE"))).toBe(false);
  });

  it("makes nothing that cannot stand alone", async () => {
    const { code, output } = await stack.run(["up", "--skip-preview"], env({ NAME: "missing" }));
    expect(code).not.toBe(0);
    expect(output).toContain('Deployment.apps "missing" is invalid: spec.selector: Required value');
  });
});
