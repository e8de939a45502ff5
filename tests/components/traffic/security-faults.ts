import { TrafficFault } from "../../../components/traffic/faults";

/** Paths and changes of all faults that rendering notes; empty where there are none. */
export function faultsOf(render: () => unknown): string[] {
  try {
    render();
    return [];
  } catch (error) {
    if (error instanceof TrafficFault) return error.faults.map(({ path, change }) => `${path}: ${change}`);
    throw error;
  }
}

/** Paths alone, in order. */
export const pathsOf = (render: () => unknown): string[] =>
  faultsOf(render).map((fault) => fault.slice(0, fault.indexOf(":")));
