import type { Dashboard } from "./model";
import { meshControlPlane, meshPerformance } from "./operation";
import { meshOverview, meshService, meshWorkload } from "./traffic";

/** Every dashboard, in the order in which people meet them. */
export const dashboards: readonly Dashboard[] = [
  meshOverview,
  meshService,
  meshWorkload,
  meshControlPlane,
  meshPerformance,
];
