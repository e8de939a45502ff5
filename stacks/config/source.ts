import type { Config } from "./schema";

/** Where artifacts come from, once `auto` is settled. */
export type Source = Exclude<Config["artifacts"]["kind"], "auto">;

/** What `auto` can come to. */
export type AutoSource = Extract<Source, "upstream" | "sandbox">;

type Sourced = Pick<Config, "artifacts" | "hosts">;

/** Whether it depends on the network of this computer: that of existing machines is another one. */
export const isOpen = ({ artifacts, hosts }: Sourced): boolean =>
  artifacts.kind === "auto" && hosts.kind === "sandbox";

/** The source of a config. `auto` is what that came to; it is looked at only where the source is open. */
export function sourceOf(config: Sourced, auto: AutoSource): Source {
  if (isOpen(config)) return auto;
  return config.artifacts.kind === "auto" ? "upstream" : config.artifacts.kind;
}
