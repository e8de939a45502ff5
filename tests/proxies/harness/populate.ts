import * as cast from "./cast";
import { rootNamespace } from "./istiod";
import type { RealMesh } from "./mesh";
import { freePorts } from "./processes";

/** A Service, with servers for its versions. */
export async function addApp(mesh: RealMesh, app: cast.App): Promise<void> {
  const service = cast.serviceObject(app);
  await mesh.api.apply(service);
  mesh.background.push(service);
  for (const version of app.versions) {
    const address = mesh.address();
    const ports = Object.values(app.ports).map(cast.targetPort);
    await mesh.serve(`Deployment ${app.namespace}/${app.name}-${version}`, address, ports, app.tls);
    await mesh.api.apply(cast.workloadEntry(app, version, address));
    mesh.background.push(cast.deploymentObject(app, version));
  }
}

/** A pod that sends, with its sidecar. */
export async function addClient(mesh: RealMesh, client: cast.Client): Promise<void> {
  const address = mesh.address();
  await mesh.declared.always(cast.clientSidecar(client, address));
  await mesh.addProxy({ ...client, kind: "sidecar", address });
}

/** An application behind a sidecar of its own; its server is found by the name of its workload. */
export async function addGuarded(mesh: RealMesh, one: cast.Guarded): Promise<void> {
  const { name, namespace } = one;
  const address = mesh.address();
  const [behind = 0] = await freePorts(1);
  await mesh.serve(`Deployment ${namespace}/${name}`, "127.0.0.1", [behind]);
  for (const object of cast.guardedObjects(one, address, behind)) await mesh.api.apply(object);
  const labels = { app: name };
  await mesh.addProxy({ name, namespace, labels, kind: "sidecar", address, serviceAccount: name });
}

/** A gateway whose Service has these ports. Gives the ports at which it listens, by these. */
export async function addGateway(
  mesh: RealMesh,
  ports: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const free = await freePorts(ports.length);
  const listening = new Map(ports.map((port, place) => [port, free[place] ?? 0]));
  const { service, deployment } = cast.gatewayObjects(Object.fromEntries(listening), rootNamespace);
  await mesh.api.apply(service);
  mesh.background.push(deployment);
  const place = { name: cast.gatewayName, namespace: rootNamespace, labels: cast.gatewayLabels };
  await mesh.addProxy({
    ...place,
    kind: "router",
    address: mesh.address(),
    serviceAccount: cast.gatewayName,
  });
  return listening;
}
