import type { KubeObject } from "../../../components/lib/objects";
import { clusterScoped } from "../../../components/lib/scopes";

const known = clusterScoped([]);

/** Whether an object belongs to no namespace. */
export const isClusterScoped = (object: KubeObject): boolean => object.kind === "ChaosBlade" || known(object);
