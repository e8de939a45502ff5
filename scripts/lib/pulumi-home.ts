/** A Pulumi home without the CLI's log of every run. */
import { lstatSync, mkdirSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pulumiHome, stateFolder } from "./paths";

const WHY = `A file where the Pulumi CLI would make the folder of its logs. Since 3.233 it writes every property of every
call there, which takes more time than a preview itself. To have the logs, set PULUMI_HOME: ~/.pulumi is Pulumi's default.
`;

/** The variables that give the embedded backend a home of its own; none where the user has chosen one. */
export function ownHome(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (env.PULUMI_HOME) {
    return {};
  }
  const users = pulumiHome(env);
  return {
    PULUMI_HOME: homeWithoutLogs(path.join(stateFolder(env), "pulumi-home"), users),
    // Logins stay the user's: `login` writes them there, and plain `pulumi` reads them.
    PULUMI_CREDENTIALS_PATH: env.PULUMI_CREDENTIALS_PATH || users,
  };
}

/** Makes a home that has the plugins of another one, and a file in the place of the folder `logs`. */
export function homeWithoutLogs(home: string, users: string): string {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  make(() => writeFileSync(path.join(home, "logs"), WHY, { flag: "wx" }));
  const plugins = path.join(users, "plugins");
  const link = path.join(home, "plugins");
  if (isLinkElsewhere(link, plugins)) {
    unlinkSync(link);
  }
  make(() => {
    mkdirSync(plugins, { recursive: true, mode: 0o700 });
    symlinkSync(plugins, link);
  });
  return home;
}

function isLinkElsewhere(link: string, target: string): boolean {
  const found = lstatSync(link, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true && readlinkSync(link) !== target;
}

/** Does what has been done before, perhaps, and where the user's folder cannot be written there are no plugins to share. */
function make(create: () => void): void {
  try {
    create();
  } catch (error) {
    if (!["EEXIST", "EACCES", "EROFS"].includes(String((error as NodeJS.ErrnoException).code))) {
      throw error;
    }
  }
}
