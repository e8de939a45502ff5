/** Collects what a script prints and shows it line by line while it runs. */
import type { ResourceContext } from "../harness";
import type { Plain } from "../values";

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

type Stream = keyof CommandOutput;

/** The official provider hangs for ever on a longer line; here it is cut, in the log only. */
const MAX_LOGGED_LINE = 60_000;

export class OutputRecorder {
  readonly #context: ResourceContext;
  readonly #logging: Plain | undefined;
  readonly #chunks: { stream: Stream; data: Buffer }[] = [];
  readonly #unfinished: Record<Stream, string> = { stdout: "", stderr: "" };

  constructor(context: ResourceContext, logging: Plain | undefined) {
    this.#context = context;
    this.#logging = logging;
  }

  /** Takes what the script has written to one of its streams. */
  write(stream: Stream, data: Buffer): void {
    this.#chunks.push({ stream, data });
    if (this.#logs(stream)) {
      const lines = (this.#unfinished[stream] + data.toString("utf8")).split("\n");
      this.#unfinished[stream] = lines.pop() ?? "";
      for (const line of lines) {
        this.#log(line);
      }
    }
  }

  /** Ends both streams: each without its last line feed, as the resource stores it. */
  finish(): CommandOutput {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#unfinished[stream] !== "") {
        this.#log(this.#unfinished[stream]);
        this.#unfinished[stream] = "";
      }
    }
    return {
      stdout: this.#text("stdout").replace(/\n$/, ""),
      stderr: this.#text("stderr").replace(/\n$/, ""),
    };
  }

  /** The failure as the official provider words it: reason, script and all output, but never stdin. */
  failure(reason: string, script: string): Error {
    this.finish();
    return new Error(`${reason}: running ${JSON.stringify(script)}:\n${this.#text()}`);
  }

  #text(stream?: Stream): string {
    const wanted = this.#chunks.filter((chunk) => stream === undefined || chunk.stream === stream);
    return Buffer.concat(wanted.map(({ data }) => data)).toString("utf8");
  }

  #logs(stream: Stream): boolean {
    return this.#logging === undefined || this.#logging === null
      ? true
      : this.#logging === "stdoutAndStderr" || this.#logging === stream;
  }

  #log(line: string): void {
    const text = line.length > MAX_LOGGED_LINE ? `${line.slice(0, MAX_LOGGED_LINE)}… (cut)` : line;
    this.#context.log(text);
  }
}
