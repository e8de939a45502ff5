import { existsSync, readFileSync } from "node:fs";

const heartbeatSeconds = 15;

/** Tells on stdout which item of how many runs, and that it still does. */
export class Progress {
  private readonly began = Date.now();
  readonly say: (line: string) => void;

  constructor(say: (line: string) => void = (line) => console.log(line)) {
    this.say = say;
  }

  /** Runs one item's work between a line at its start and one at its end. */
  async item<T>(place: string, name: string, what: string, log: string, work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    const label = `[${place}] ${name}`;
    this.say(`${label}: ${what}, since ${new Date(start).toTimeString().slice(0, 8)}`);
    const heart = setInterval(() => {
      this.say(`${label}: at it for ${since(start)}${logged(log)}; ${since(this.began)} in all`);
    }, heartbeatSeconds * 1000);
    try {
      const result = await work();
      this.say(`${label}: done in ${since(start)}; ${since(this.began)} in all`);
      return result;
    } finally {
      clearInterval(heart);
    }
  }

  /** A heartbeat around something that is not an item, such as waiting for a lock. */
  async waiting<T>(what: string, work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    this.say(what);
    const heart = setInterval(() => this.say(`${what} (for ${since(start)})`), heartbeatSeconds * 1000);
    return work().finally(() => clearInterval(heart));
  }
}

export function since(start: number): string {
  const seconds = (Date.now() - start) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120
    ? `${Math.round(seconds)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `go build -v` logs one line per compiled package: the only sign of how far it is. */
function logged(log: string): string {
  if (!existsSync(log)) return "";
  const lines = readFileSync(log, "utf8").split("\n").length - 1;
  return lines > 0 ? `, ${lines} lines of log` : "";
}
