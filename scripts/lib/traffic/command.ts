import { scenarios } from "../../../components/traffic/scenarios";
import { renderList } from "./list";
import { readOptions } from "./options";
import { runScenarios } from "./scenario";
import { renderJson, renderText } from "./text";

/** Where the command writes. */
export interface Channels {
  /** Results. */
  readonly out: (text: string) => void;
  /** What it does meanwhile, and why it could not run. */
  readonly note: (text: string) => void;
}

/** What the command does, without its exit. 0: all as expected, 2: something is not, 1: it could not run. */
export async function traffic(args: readonly string[], { out, note }: Channels): Promise<0 | 1 | 2> {
  try {
    const options = readOptions(args, Object.keys(scenarios));
    if (options.list) {
      out(renderList(Object.values(scenarios)));
      return 0;
    }
    const started = Date.now();
    const say = (text: string) => note(`traffic ${Math.round((Date.now() - started) / 1000)} s: ${text}`);
    const asText = options.output === "text";
    const reports = await runScenarios(options, say, (report) => {
      if (asText) out(`${renderText(report)}\n`);
    });
    if (!asText) out(renderJson(options.stack, reports));
    return reports.every(({ ok }) => ok) ? 0 : 2;
  } catch (error) {
    note((error as Error).message);
    return 1;
  }
}
