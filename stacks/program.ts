import { analysed } from "./analysis";
import { compositions } from "./compositions";
import { type Computer, loadPlatform } from "./config/load";
import { type Reach, rememberSource } from "./settle";

/**
 * A whole run: the config, every resource of its composition, what is wrong with them. Only then is written down where
 * the stack takes its artifacts from, so that a run that was refused binds nobody to its answer.
 */
export async function runStack(computer: Computer, reach?: Reach): Promise<object> {
  const platform = await loadPlatform(computer, reach);
  const outputs = await analysed(platform, () => compositions[platform.config.composition](platform));
  rememberSource(platform);
  return outputs;
}
