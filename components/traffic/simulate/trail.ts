import type { KubeObject } from "../../lib/objects";
import { titleOf } from "../../lib/objects";
import type { Delivered, MirrorCopy, Open, Result, Stage, Step } from "./types";

export interface Place {
  readonly object?: KubeObject | undefined;
  readonly path?: string | undefined;
  readonly about?: string;
}

/** How a request ends, before it is known how likely it is. */
export type Ending = Omit<Result, "probability" | "delay" | "attempts"> &
  Partial<Pick<Result, "delay" | "attempts">>;

/** Everything that is decided on the way of one request. */
export class Trail {
  readonly steps: Step[] = [];
  readonly open: Open[] = [];
  readonly mirrors: MirrorCopy[] = [];
  readonly delivered: Delivered[] = [];
  private readonly ends: Result[] = [];
  location: string | undefined;

  step(stage: Stage, text: string, { object, path, about }: Place = {}): void {
    this.steps.push({
      stage,
      text,
      ...(about === undefined ? {} : { about }),
      ...(object === undefined ? {} : { object: titleOf(object) }),
      ...(object === undefined || path === undefined ? {} : { path }),
    });
  }

  /** Without steps: for what was told already. */
  quietly(act: () => void): void {
    const told = this.steps.length;
    act();
    this.steps.length = told;
  }

  unsure(open: readonly Open[]): void {
    for (const one of open)
      if (!this.open.some(({ text, object }) => text === one.text && object === one.object))
        this.open.push(one);
  }

  end(probability: number, ending: Ending): void {
    if (probability > 0) this.ends.push({ delay: 0, attempts: 0, ...ending, probability });
  }

  /** Equal endings together, in the order in which they came up; sums without the dust of floating point. */
  results(): Result[] {
    const merged = new Map<string, Result>();
    for (const { probability, ...ending } of this.ends) {
      const key = JSON.stringify(Object.entries(ending).sort());
      const before = merged.get(key)?.probability ?? 0;
      merged.set(key, { ...ending, probability: before + probability });
    }
    return [...merged.values()].map((result) => ({
      ...result,
      probability: Math.round(result.probability * 1e12) / 1e12,
    }));
  }
}
