import type { KubeObject } from "../../../../components/lib/objects";
import type { MeshCode } from "../../../../components/mesh/checks";

/** A mistake and the nearest thing to it that is none. */
export interface Example {
  readonly code: MeshCode;
  readonly name: string;
  readonly bad: readonly KubeObject[];
  /** `Kind namespace/name path` of what is found, once or more often. */
  readonly at: string | readonly string[];
  readonly good: readonly KubeObject[];
}
