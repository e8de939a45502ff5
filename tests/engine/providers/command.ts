/** Stand-in for the `command` provider: scripts on this computer and, over SSH, on others. */
import { localCommand } from "./command/local";
import { remoteCommand } from "./command/remote";
import { serve } from "./harness";

const KINDS = {
  "command:local:Command": localCommand,
  "command:remote:Command": remoteCommand,
};

serve({ version: "1.2.1", kind: (type) => KINDS[type as keyof typeof KINDS] });
