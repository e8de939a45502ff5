import { scenarios } from "../../../components/traffic/scenarios";
import { type ExitCode, exitCodes, type Read } from "../command-line";
import { renderList } from "./list";
import { type commandLine, optionsOf } from "./options";
import { runScenarios } from "./scenario";
import { renderJson, renderText } from "./text";

/** Where the command writes. */
export interface Channels {
  /** Results; to the file that is named, if there is one. */
  readonly out: (text: string, file: string | undefined) => void;
  /** What it does meanwhile. */
  readonly note: (text: string) => void;
}

/** What the command does, without its exit. */
export async function traffic(read: Read<typeof commandLine>, { out, note }: Channels): Promise<ExitCode> {
  const options = optionsOf(read, Object.keys(scenarios));
  if (options.list) {
    out(renderList(Object.values(scenarios)), options.out);
    return exitCodes.done;
  }
  const started = Date.now();
  const say = (text: string) => note(`traffic ${Math.round((Date.now() - started) / 1000)} s: ${text}`);
  const told: string[] = [];
  const reports = await runScenarios(options, say, (report) => {
    if (options.output !== "text") return;
    if (options.out === undefined) out(`${renderText(report)}\n`, undefined);
    else told.push(renderText(report));
  });
  if (options.output !== "text") out(renderJson(options.stack, reports), options.out);
  else if (options.out !== undefined) out(told.join("\n\n"), options.out);
  return reports.every(({ ok }) => ok) ? exitCodes.done : exitCodes.found;
}
