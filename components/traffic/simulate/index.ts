export { Outcome } from "./outcome";
export { SimulationFault, Simulator, simulate } from "./simulator";
export type {
  Answer,
  Delivered,
  MirrorCopy,
  Open,
  PodSource,
  Result,
  SimulatedRequest,
  Step,
  Token,
} from "./types";
export type { SimulatorOptions } from "./world";
