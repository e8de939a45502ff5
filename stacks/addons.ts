import type * as pulumi from "@pulumi/pulumi";
import { Grafana } from "../components/addons/grafana";
import { Jaeger } from "../components/addons/jaeger";
import { Kiali } from "../components/addons/kiali";
import { Logging } from "../components/addons/logging";
import { Prometheus } from "../components/addons/prometheus";
import { declareObjects } from "../components/lib/declare";
import type { PlannedAddons } from "./addons-plan";

export interface BuildAddonsArgs {
  /** What has to be there before: nodes that run pods; for all but logging the mesh's namespace. */
  readonly after: readonly pulumi.Resource[];
}

/** Makes them, side by side. The provider of the cluster, and the parent, come with the options. */
export function buildAddons(
  plan: PlannedAddons,
  { after }: BuildAddonsArgs,
  options: pulumi.ComponentResourceOptions,
) {
  const spaces = declareObjects(plan.namespaces, { ...options, dependsOn: [...after] });
  const inside = { ...options, dependsOn: [...after, ...spaces] };
  const { prometheus, grafana, jaeger, kiali, logging } = plan;
  const made = {
    prometheus: prometheus === undefined ? undefined : new Prometheus("prometheus", prometheus, inside),
    jaeger: jaeger === undefined ? undefined : new Jaeger("jaeger", jaeger, inside),
    grafana: grafana === undefined ? undefined : new Grafana("grafana", grafana, inside),
    kiali: kiali === undefined ? undefined : new Kiali("kiali", kiali, inside),
    logging:
      logging === undefined
        ? undefined
        : new Logging("logging", logging, { ...options, dependsOn: [...after] }),
  };
  return {
    dashboards: Object.fromEntries(Object.entries(plan.urls).filter(([, urls]) => urls !== undefined)),
    ...(made.grafana === undefined ? {} : { grafanaAdminPassword: made.grafana.adminPassword }),
    ...(made.logging === undefined ? {} : { kibanaAdminPassword: made.logging.adminPassword }),
    done: Object.values(made).flatMap((addon) => (addon === undefined ? [] : [...addon.objects])),
  };
}
