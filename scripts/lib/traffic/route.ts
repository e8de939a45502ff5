import type { KubeObject } from "../../../components/lib/objects";
import { kindOf } from "../../../components/lib/workloads";
import { gatewayKind } from "../../../components/traffic/analysis/kinds";
import type { ScenarioRequest, ScenarioRun } from "../../../components/traffic/scenarios";
import { fieldsIn, fieldsOf, mapOf, specOf } from "../../../components/traffic/simulate/objects";
import { type LivePod, matchesLabels } from "./cluster";

/** Where a run's requests go in the cluster, and who counts them. */
export interface Way {
  /** The pod of the run's client. */
  readonly client: LivePod;
  /** For fortio: a Service's name and port, with the path. */
  readonly url: string;
  readonly request: ScenarioRequest;
  /** Pods whose proxies choose the destinations. */
  readonly proxies: readonly LivePod[];
}

const PROXY = "istio-proxy";

const named = (objects: readonly KubeObject[], wanted: string, name: string): KubeObject | undefined =>
  objects.find(
    (object) => kindOf(object) === wanted && `${object.metadata.namespace}/${object.metadata.name}` === name,
  );

function podOf(run: ScenarioRun, objects: readonly KubeObject[], pods: readonly LivePod[]): LivePod {
  const workload = named(objects, "apps/Deployment", run.client);
  if (workload === undefined)
    throw new Error(
      `there is no Deployment ${run.client}, from which the load is sent: switch on apps.fortio`,
    );
  const selector = mapOf(fieldsOf(specOf(workload).selector).matchLabels);
  const [namespace] = run.client.split("/");
  const own = pods.filter((pod) => pod.namespace === namespace && matchesLabels(pod.labels, selector));
  const ready = own.find((pod) => pod.ready);
  if (ready === undefined)
    throw new Error(`no pod of ${run.client} is ready: see \`kubectl -n ${namespace} get pods\``);
  return ready;
}

function throughMesh({ request }: ScenarioRun, client: LivePod): Way {
  if (!client.containers.includes(PROXY))
    throw new Error(
      `the pod ${client.name} has no proxy, so that no route counts for it: let apps.injection not disable its namespace`,
    );
  return { client, request, proxies: [client], url: `http://${request.host}:${request.port}${request.path}` };
}

function throughGateway(
  run: ScenarioRun,
  client: LivePod,
  objects: readonly KubeObject[],
  pods: readonly LivePod[],
): Way {
  const { request, gateway = "" } = run;
  const found = named(objects, gatewayKind, gateway);
  if (found === undefined) throw new Error(`there is no Gateway ${gateway}`);
  const selector = mapOf(specOf(found).selector);
  const proxies = pods.filter(({ labels, ready }) => ready && matchesLabels(labels, selector));
  const [first] = proxies;
  if (first === undefined)
    throw new Error(
      `no pod of a gateway is ready that the Gateway ${gateway} selects (${JSON.stringify(selector)})`,
    );
  const service = objects.find((object) => {
    const { selector: wanted, ports } = specOf(object);
    return (
      kindOf(object) === "Service" &&
      object.metadata.namespace === first.namespace &&
      matchesLabels(first.labels, mapOf(wanted)) &&
      fieldsIn(ports).some(({ port }) => port === request.port)
    );
  });
  if (service === undefined)
    throw new Error(`no Service has the port ${request.port} of the gateway's pods, such as ${first.name}`);
  const { name, namespace } = service.metadata;
  // One that stands for any name is asked by the Service's own.
  const host = request.host.includes("*") ? {} : { Host: request.host };
  return {
    client,
    proxies,
    request: { ...request, headers: { ...host, ...request.headers } },
    url: `http://${name}.${namespace}:${request.port}${request.path}`,
  };
}

/** Finds the pods and the address of a run. Throws one sentence where something is not there. */
export function wayOf(run: ScenarioRun, objects: readonly KubeObject[], pods: readonly LivePod[]): Way {
  const client = podOf(run, objects, pods);
  return run.via === "mesh" ? throughMesh(run, client) : throughGateway(run, client, objects, pods);
}
