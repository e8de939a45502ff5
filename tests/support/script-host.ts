import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { ScriptValue } from "../../components/remote/quote";
import { renderScript } from "../../components/remote/script";
import { projectRoot } from "./rendered";

export interface ScriptRun {
  readonly code: number;
  /** The object on the last line of stdout, if there is one. */
  readonly result: Readonly<Record<string, string>> | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The calls of stubs in this run, `name argument…` each. */
  readonly calls: readonly string[];
}

/** Programs that scripts may really run here: they read and write files that they are given, nothing else. */
const realPrograms =
  `awk base64 basename bash cat chmod cmp cp curl cut date diff dirname echo env find grep gzip head id ln ls mkdir
  mktemp mv nproc openssl rm rmdir sed sha256sum sleep sort stat tail tar timeout touch tr true uname wc xargs`.split(
    /\s+/,
  );

/** Folders of a machine that scripts name; here each of them lies below the host's root. */
const machineFolders =
  "/etc /var/lib /usr/bin /usr/local /usr/lib/systemd /opt/cni /run /proc/sys /sys /tmp".split(" ");
const machinePath = new RegExp(`(?<![\\w./+}-])(?:${machineFolders.join("|")})(?![\\w.-])`, "g");

/**
 * A throw-away machine for a step's script, without root: the script is rendered as always, its absolute paths are
 * moved below a temporary root, and its PATH holds stubs and a few harmless programs, nothing of the computer's own.
 * What that leaves untested is whether the real programs behave like the stubs.
 */
export class ScriptHost {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "mesh-host-")));
  /** Seconds after which every `poll` of a script gives up, in place of its own number. */
  patience: number | undefined;
  private readonly bin = join(this.root, "..bin");
  private readonly state = join(this.root, "..state");
  private readonly log = join(this.state, "calls");

  constructor() {
    for (const folder of [
      this.bin,
      join(this.state, "enabled"),
      join(this.state, "active"),
      ...machineFolders.map((path) => this.path(path)),
    ]) {
      mkdirSync(folder, { recursive: true });
    }
    for (const name of realPrograms) symlinkSync(locate(name), join(this.bin, name));
    // A throw-away file need not survive a power cut, and waiting for the disk is most of a test's time.
    symlinkSync(locate("true"), join(this.bin, "sync"));
    // Only root may give files away. The calls are kept, and the files stay the test user's.
    this.stub("chown");
    this.stub("install", dropOwner(locate("install")));
    this.stub("systemctl", systemctl);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  /** Where a path of the machine lies on this computer. */
  path(machine: string): string {
    return join(this.root, machine);
  }

  /** A text of the machine as it reads with the paths moved. */
  moved(text: string): string {
    return text.replaceAll(machinePath, (path) => `${this.root}${path}`);
  }

  write(machine: string, content: string, mode = 0o644): void {
    const path = this.path(machine);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  }

  read(machine: string): string {
    return readFileSync(this.path(machine), "utf8");
  }

  has(machine: string): boolean {
    return existsSync(this.path(machine));
  }

  /** Permissions in octal. */
  mode(machine: string): string {
    return (statSync(this.path(machine)).mode & 0o7777).toString(8);
  }

  /**
   * Every file of the machine with what a second run must not change: content, mode, and the very file itself, which
   * a replacement would not be.
   */
  files(): Readonly<Record<string, string>> {
    const entries = readdirSync(this.root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = entries
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.startsWith(`${this.root}/..`));
    return Object.fromEntries(
      paths.sort().map((path) => {
        const { mode, ino, mtimeMs } = statSync(path);
        return [
          `/${relative(this.root, path)}`,
          `${(mode & 0o7777).toString(8)} ${ino} ${mtimeMs} ${readFileSync(path, "latin1")}`,
        ];
      }),
    );
  }

  /** What a run left behind that it should have cleaned up: temporary files, wherever they were made. */
  leftovers(): string[] {
    return Object.keys(this.files()).filter(
      (path) => path.startsWith("/tmp/") || path.includes("/.mesh-platform."),
    );
  }

  /** A program of this name that notes each call and then does what the shell code says, in the place of the real one. */
  stub(name: string, code = ""): void {
    const program = `#!${locate("sh")}\nprintf '%s\\n' "${name}\${*:+ $*}" >>"$CALLS"\n${code}\n`;
    const path = join(this.bin, name);
    rmSync(path, { force: true });
    writeFileSync(path, program, { mode: 0o755 });
  }

  unstub(name: string): void {
    rmSync(join(this.bin, name), { force: true });
  }

  /** A small file that stubs share with the test, `$STATE/name`. */
  setState(name: string, content: string): void {
    mkdirSync(dirname(join(this.state, name)), { recursive: true });
    writeFileSync(join(this.state, name), content);
  }

  unsetState(name: string): void {
    rmSync(join(this.state, name), { force: true });
  }

  /** Runs a step's script, named by its path in the project. */
  run(
    script: string,
    parameters: Readonly<Record<string, ScriptValue>>,
    action: "create" | "delete" = "create",
  ): Promise<ScriptRun> {
    return this.bash(renderScript(join(projectRoot, script), parameters), action);
  }

  /** Runs a few lines as the body of a step. */
  async runLines(body: string, parameters: Readonly<Record<string, ScriptValue>> = {}): Promise<ScriptRun> {
    const file = join(this.state, "step.sh");
    writeFileSync(file, body);
    return this.bash(renderScript(file, parameters), "create");
  }

  /** What the script installs comes after the stubs, and nothing of the computer's own. */
  private searchPath(): string {
    return [
      this.bin,
      ...["/usr/local/sbin", "/usr/local/bin", "/usr/bin"].map((path) => this.path(path)),
    ].join(":");
  }

  private hurried(program: string): string {
    return this.patience === undefined ? program : program.replaceAll(/\bpoll \d+/g, `poll ${this.patience}`);
  }

  private async bash(program: string, action: string): Promise<ScriptRun> {
    const input = this.hurried(this.moved(program)).replace(
      /^export LC_ALL=C PATH=.*$/m,
      () => `export LC_ALL=C PATH='${this.searchPath()}'`,
    );
    writeFileSync(this.log, "");
    const env = { HOME: this.root, CALLS: this.log, STATE: this.state, ROOT: this.root };
    const child = spawn(locate("bash"), ["-s", "--", action], { env, stdio: ["pipe", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
    child.stdin.end(input);
    const code = await new Promise<number>((resolve, reject) =>
      child.once("error", reject).once("close", (status) => resolve(status ?? -1)),
    );
    const calls = readFileSync(this.log, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => line.replaceAll(this.root, ""));
    return { code, result: lastObject(output.stdout), ...output, calls };
  }
}

function lastObject(stdout: string): Readonly<Record<string, string>> | undefined {
  try {
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

function locate(name: string): string {
  const folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`the script tests need ${name}, which is in none of ${folders.join(", ")}`);
  return found;
}

/** `install` without -o and -g. */
const dropOwner = (install: string) => `
given=$# owner=
for word in "$@"; do
  if [ -n "$owner" ]; then owner=; continue; fi
  case $word in -o | -g) owner=next ;; *) set -- "$@" "$word" ;; esac
done
shift "$given"
exec ${install} "$@"
`;

/** The part of systemctl that scripts use, on units that it keeps as files. */
const systemctl = `
verb= quiet= now= names=
for word in "$@"; do
  case $word in
    --quiet) quiet=1 ;; --now) now=1 ;; --*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else names="$names $word"; fi ;;
  esac
done
unit=\${names# }
case $verb in
  enable) : >"$STATE/enabled/$unit" ;;
  disable) rm -f "$STATE/enabled/$unit"; [ -z "$now" ] || rm -f "$STATE/active/$unit" ;;
  restart | start) : >"$STATE/active/$unit" ;;
  stop) rm -f "$STATE/active/$unit" ;;
  is-enabled) [ -e "$STATE/enabled/$unit" ] ;;
  is-active)
    code=3
    for name in $names; do
      if [ -e "$STATE/active/$name" ]; then word=active code=0; else word=inactive; fi
      [ -n "$quiet" ] || echo "$word"
    done
    exit "$code" ;;
  list-units) cat "$STATE/units" 2>/dev/null || true ;;
esac
`;
