import { destinationExamples } from "./examples-destinations";
import { routeExamples } from "./examples-routes";
import { securityExamples } from "./examples-security";
import type { Example } from "./objects";

export const examples: readonly Example[] = [...routeExamples, ...destinationExamples, ...securityExamples];
