import { show, TrafficFault } from "../faults";
import type { HttpFragment, HttpModifiers } from "./types";

/** The fragment with one more modifier. A second one of the same kind is a fault: neither can be the right one. */
export function modified(fragment: HttpFragment, modifier: HttpModifiers): HttpFragment {
  const twice = (Object.keys(modifier) as (keyof HttpModifiers)[]).filter(
    (field) => fragment[field] !== undefined,
  );
  const faults = twice.map((field) => ({
    path: field,
    given: `${show(fragment[field])} and ${show(modifier[field])}`,
    allowed: "one for a route",
    change: "drop one, or make two routes",
  }));
  if (faults.length > 0) throw new TrafficFault(`Route ${fragment.name}`, faults);
  return { ...fragment, ...modifier };
}
