import type { Scenario } from "../../../components/traffic/scenarios";

/** Names and titles, and what each needs of the applications. */
export function renderList(scenarios: readonly Scenario[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return scenarios
    .map(({ name, title, shows, needs }) =>
      [
        `${name.padEnd(width)}  ${title}`,
        `${"".padEnd(width)}  shows ${shows}; needs ${Object.keys(needs).join(", ")}`,
      ].join("\n"),
    )
    .join("\n");
}
