/** Runs a Pulumi program in a Node process of its own and says how it ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import * as pb from "@pulumi/pulumi/proto/language_pb";

/** The SDK exits so when it has already shown the user what is wrong. */
const EXIT_ALREADY_REPORTED = 32;

/** How long a cancelled program may take to end by itself. */
const CANCEL_GRACE_MS = 5000;

/** What `runtime.options` of Pulumi.yaml may hold. */
interface RuntimeOptions {
  readonly typescript?: boolean;
  readonly tsconfig?: string;
  readonly nodeargs?: string;
}

export class ProgramRunner {
  engineAddress: string | undefined;
  readonly #running = new Set<ChildProcess>();

  constructor(engineAddress: string | undefined) {
    this.engineAddress = engineAddress;
  }

  async run(request: pb.RunRequest): Promise<pb.RunResponse> {
    const info = request.getInfo() ?? new pb.ProgramInfo();
    const options = (info.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions;
    let script: string;
    try {
      script = createRequire(path.join(info.getProgramDirectory(), "index.js")).resolve(
        "@pulumi/pulumi/cmd/run",
      );
    } catch {
      return new pb.RunResponse().setError("The Pulumi SDK is not installed here. Have you run npm install?");
    }
    const nodeArguments = (options.nodeargs ?? "").split(/\s+/).filter(Boolean);
    const child = spawn(process.execPath, [...nodeArguments, script, ...this.#arguments(request, info)], {
      // As the official one: what nodeargs names is looked up from here.
      cwd: info.getProgramDirectory(),
      env: programEnvironment(request, options),
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(process.stdout, { end: false });
    child.stderr.pipe(process.stderr, { end: false });
    this.#running.add(child);
    try {
      return await ending(child);
    } finally {
      this.#running.delete(child);
    }
  }

  /** Asks running programs to stop, and ends those that do not. */
  cancel(): void {
    for (const child of this.#running) {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), CANCEL_GRACE_MS).unref();
    }
  }

  /** Ends running programs at once. */
  kill(): void {
    for (const child of this.#running) {
      child.kill("SIGKILL");
    }
  }

  #arguments(request: pb.RunRequest, info: pb.ProgramInfo): string[] {
    const flags: Record<string, string | undefined> = {
      monitor: request.getMonitorAddress(),
      engine: this.engineAddress,
      organization: request.getOrganization(),
      project: request.getProject(),
      "root-directory": info.getRootDirectory(),
      stack: request.getStack(),
      pwd: info.getProgramDirectory(),
      parallel: String(request.getParallel()),
    };
    return [
      ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info.getEntryPoint() || ".",
      ...request.getArgsList(),
    ];
  }
}

function programEnvironment(request: pb.RunRequest, options: RuntimeOptions): NodeJS.ProcessEnv {
  // The SDK expects the old spelling of configuration keys, `project:config:name`.
  const config = Object.fromEntries(
    request
      .getConfigMap()
      .toArray()
      .map(([key, value]) => [key.replace(":", ":config:"), value]),
  );
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
  };
}

function ending(child: ChildProcess): Promise<pb.RunResponse> {
  return new Promise((resolve) => {
    child.on("error", (error) =>
      resolve(new pb.RunResponse().setError(`Problem executing program: ${error.message}`)),
    );
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve(new pb.RunResponse());
      } else if (code === EXIT_ALREADY_REPORTED) {
        resolve(new pb.RunResponse().setBail(true));
      } else {
        const end = signal ? `was ended by ${signal}` : `exited with non-zero exit code: ${code}`;
        resolve(new pb.RunResponse().setError(`Program ${end}`));
      }
    });
  });
}
