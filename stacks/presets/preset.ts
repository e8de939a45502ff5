import type { z } from "zod";
import type { config } from "../config/schema";

/** What a stack may say, before its defaults are filled in. */
export type PartialConfig = z.input<typeof config>;

/** A source document as data: the values that it states, in the words of the config. */
export interface Preset {
  /** Topic and time of the document, for people. */
  readonly document: string;
  readonly config: PartialConfig;
  /** Hosts that the document names. No part of the config: only their owner knows their host keys. */
  readonly hosts: readonly PresetHost[];
}

export interface PresetHost {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly ("controlPlane" | "etcd" | "worker")[];
}
