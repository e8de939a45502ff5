import { RunError } from "@pulumi/pulumi";
import type { z } from "zod";

/** One thing that is wrong with the config. */
export interface Fault {
  /** Where, such as `hosts.members[1].address`. */
  readonly path: string;
  readonly given: string;
  readonly allowed: string;
  readonly change: string;
}

/** Every fault at once. A RunError, so that Pulumi prints the message without a stack trace. */
export class ConfigError extends RunError {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    const lines = faults.map((fault) =>
      [
        `  ${fault.path}`,
        `    given:   ${fault.given}`,
        `    allowed: ${fault.allowed}`,
        `    change:  ${fault.change}`,
      ].join("\n"),
    );
    const count = faults.length === 1 ? "one fault" : `${faults.length} faults`;
    super(`The config has ${count}; nothing was touched.\n\n${lines.join("\n\n")}\n`);
    this.faults = faults;
  }
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** A value as the fault shows it: short, on one line, and never a private key that was pasted into the wrong field. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  if (/PRIVATE KEY/.test(text)) return "a private key (not shown)";
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    root,
  );
}

type Issue = z.core.$ZodIssue;

/** What zod found, in our words. Messages of our own primitives have two lines: allowed, change. */
function explain(issue: Issue): { allowed: string; change: string } {
  const [allowed, change] = issue.message.split("\n");
  if (change !== undefined && allowed !== undefined) return { allowed, change };
  switch (issue.code) {
    case "invalid_value":
      return { allowed: issue.values.map((value) => String(value)).join(", "), change: "write one of these" };
    case "invalid_union":
      return { allowed: issue.message, change: "write one of the kinds that docs/config.md lists" };
    case "too_small":
      return { allowed: `at least ${issue.minimum}`, change: "raise it" };
    case "too_big":
      return { allowed: `at most ${issue.maximum}`, change: "lower it" };
    case "invalid_type":
      return {
        allowed: `a value of type ${issue.expected}`,
        change: "write that, or leave the key out to get the default",
      };
    case "invalid_format":
      return {
        allowed: `text of the form ${"pattern" in issue ? issue.pattern : issue.format}`,
        change: "correct the spelling",
      };
    default:
      return { allowed: issue.message, change: "see docs/config.md" };
  }
}

/** Turns zod's issues into faults. Unions report the issues of the member that fits best, unknown keys one each. */
export function toFaults(
  issues: readonly Issue[],
  root: unknown,
  base: readonly PropertyKey[] = [],
): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: formatPath([...path, key]),
        given: show(valueAt(root, [...path, key])),
        allowed: "the keys that docs/config.md lists",
        change: "remove the key or correct its spelling",
      }));
    }
    if (issue.code === "invalid_key") {
      return toFaults(
        issue.issues.map((inner) => ({ ...inner, path: [] })),
        root,
        path,
      ).map((fault) => ({
        ...fault,
        given: show(issue.path.at(-1)),
      }));
    }
    if (issue.code === "invalid_union" && issue.errors.length > 0 && !issue.message.includes("\n")) {
      const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      return toFaults(best, root, path);
    }
    return [{ path: formatPath(path), given: show(valueAt(root, path)), ...explain(issue) }];
  });
}

/** How far a union member got before it failed: the deeper, the more likely it was meant. */
function depth(issues: readonly Issue[]): number {
  const lengths = issues.map((issue) => issue.path.length * 10 + (issue.message.includes("\n") ? 1 : 0));
  return Math.max(0, ...lengths);
}
