import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { vi } from "vitest";
import { isMarked, type Json, mark } from "./markers";
import { derivedSecrets, providerMocks } from "./provider-mocks";
import { type Hooks, Recording, type RegisteredOutputs, type Registration, STACK } from "./recording";

export interface RecordOptions {
  /** Record a preview, in which computed outputs are unknown, instead of an update. Default false. */
  readonly preview?: boolean;
  /** Default `unit`. */
  readonly stack?: string;
  /** What stashes hold from the first run of all, by name. Default: what they are given now. */
  readonly stashed?: Readonly<Record<string, Json>>;
}

type Respond = (error: Error | null, response: unknown) => void;

/** A stack that never ends its program would otherwise show up only as the test's own timeout. */
const PATIENCE = { timeout: 20_000, interval: 5 } as const;

/**
 * Runs a program against Pulumi's mocks and keeps what it asked of the engine: not only inputs, which mocks see, but
 * the options too, which they do not. Hence the wrapped monitor: its requests are what the real engine would get.
 *
 * One recording at a time: Pulumi's settings are global.
 */
export async function record<T>(
  program: () => T | Promise<T>,
  options: RecordOptions = {},
): Promise<Recording<Awaited<T>>> {
  const preview = options.preview ?? false;
  const mocks = withStashed(providerMocks(preview), options.stashed ?? {});
  await pulumi.runtime.setMocks(mocks, "mesh-platform", options.stack ?? "unit", preview);
  const log = listenToLog();
  const tap = tapMonitor();
  const stacks = noStackTraces();
  const constructed: pulumi.Resource[] = [];
  try {
    const result = await inStack(program, (resource) => constructed.push(resource));
    const urns = await Promise.all(constructed.map(({ urn }) => settled(urn)));
    // Whatever is still under way would end up in the next recording, whose engine knows nothing of it.
    await vi.waitFor(() => tap.expectAllOutputs(), PATIENCE);
    return new Recording(await result(), urns.map(tap.registration), tap.outputs(), log.lines);
  } finally {
    stacks.restore();
    tap.restore();
    log.restore();
  }
}

/** The same mocks, for a stack that has been brought up before with another config. */
function withStashed(mocks: pulumi.runtime.Mocks, stashed: Readonly<Record<string, Json>>) {
  return {
    ...mocks,
    newResource: async (args: pulumi.runtime.MockResourceArgs) => {
      const { id, state } = await mocks.newResource(args);
      const kept = args.type === STASH ? stashed[args.name] : undefined;
      return { id, state: kept === undefined ? state : { ...state, output: kept } };
    },
  };
}

const STASH = "pulumi:index:Stash";

/**
 * The SDK takes several stack traces per resource, and vitest maps each of their lines back to its source, which is
 * most of the time of a recording. An error that the program throws is formatted when the test reports it, in full.
 */
function noStackTraces() {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = String;
  return { restore: () => Object.assign(Error, { prepareStackTrace }) };
}

/** The value of an output; undefined while it is unknown, as in a preview. */
export function settled<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(output).apply((value) => resolve(value));
  });
}

/**
 * Runs the program below a stack, as the CLI does, and tells of every resource object that it makes. What it returns
 * gives the program's result, or throws what the program threw.
 */
async function inStack<T>(
  program: () => T | Promise<T>,
  made: (resource: pulumi.Resource) => void,
): Promise<() => Promise<Awaited<T>>> {
  let finish: () => Promise<Awaited<T>> = () => Promise.reject(new Error("the program never ran"));
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ resource }) => {
      made(resource);
      return undefined;
    });
    try {
      const result = await program();
      finish = () => Promise.resolve(result);
      return result;
    } catch (error) {
      // Thrown further up from here it would be an unhandled rejection of the stack beside the test's own failure.
      finish = () => Promise.reject(error);
      return {};
    }
  });
  return finish;
}

function tapMonitor() {
  const { prototype } = MockMonitor;
  const { registerResource, registerResourceOutputs } = prototype;
  const registrations = new Map<string, Registration>();
  const outputs = new Map<string, Json>();

  prototype.registerResource = function (request: RegisterResourceRequest, respond: Respond) {
    const { mocks } = this;
    const marking: pulumi.runtime.Mocks = {
      call: (args) => mocks.call(args),
      newResource: async (args) => markSecrets(await mocks.newResource(args), request),
    };
    return registerResource.call(
      Object.assign(Object.create(this), { mocks: marking }),
      request,
      (error, response) => {
        const urn: unknown = response?.getUrn();
        if (typeof urn === "string") registrations.set(urn, readRequest(urn, request));
        respond(error, response);
      },
    );
  };
  prototype.registerResourceOutputs = function (request: RegisterResourceOutputsRequest, respond: Respond) {
    outputs.set(request.getUrn(), toJson(request.getOutputs()));
    registerResourceOutputs.call(this, request, respond);
  };
  // Mocks know no hooks; without an answer every resource that has one would wait for ever.
  Object.assign(prototype, {
    registerResourceHook: (_request: unknown, respond: Respond) => respond(null, {}),
  });

  return {
    registration: (urn: string): Registration => tapped(registrations, urn),
    outputs: (): RegisteredOutputs[] =>
      [...outputs].map(([urn, values]) => ({ ...tapped(registrations, urn), values })),
    // A component that never calls registerOutputs stays "creating" for ever on the real engine's display.
    expectAllOutputs: () => {
      const components = [...registrations.values()].filter(({ custom }) => !custom);
      const silent = components.filter(({ urn }) => !outputs.has(urn)).map(({ name }) => name);
      if (silent.length > 0) throw new Error(`no registerOutputs: ${silent.join(", ")}`);
      if (!components.some(({ type }) => type === STACK))
        throw new Error("the stack itself is not registered yet");
    },
    restore: () => {
      Object.assign(prototype, { registerResource, registerResourceOutputs });
      Reflect.deleteProperty(prototype, "registerResourceHook");
    },
  };
}

function tapped(registrations: ReadonlyMap<string, Registration>, urn: string): Registration {
  const registration = registrations.get(urn);
  if (registration === undefined) throw new Error(`${urn} was constructed but never registered`);
  return registration;
}

/** Marks the outputs that the SDK or the provider declares secret; mocks would return them in clear. */
function markSecrets(result: pulumi.runtime.MockResourceResult, request: RegisterResourceRequest) {
  const inputs = toJson(request.getObject()) as Record<string, Json>;
  const names = new Set([
    ...request.getAdditionalsecretoutputsList(),
    ...derivedSecrets(request.getType(), inputs),
  ]);
  const state = Object.entries(result.state as Record<string, Json>).map(
    ([key, value]) => [key, names.has(key) && !isMarked(value) ? mark(value) : value] as const,
  );
  return { id: result.id, state: Object.fromEntries(state) };
}

function readRequest(urn: string, request: RegisterResourceRequest): Registration {
  const timeouts = request.getCustomtimeouts()?.toObject();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: toJson(request.getObject()),
    dependencies: request.getDependenciesList(),
    provider: request.getProvider(),
    protect: request.getProtect() ?? false,
    deletedWith: request.getDeletedwith(),
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasesList().length,
    timeouts: {
      create: timeouts?.create ?? "",
      update: timeouts?.update ?? "",
      delete: timeouts?.pb_delete ?? "",
    },
    hooks: readHooks(request),
  };
}

function readHooks(request: RegisterResourceRequest): Hooks {
  const hooks = request.getHooks();
  const lists: Readonly<Record<string, readonly string[] | undefined>> = {
    beforeCreate: hooks?.getBeforeCreateList(),
    afterCreate: hooks?.getAfterCreateList(),
    beforeUpdate: hooks?.getBeforeUpdateList(),
    afterUpdate: hooks?.getAfterUpdateList(),
    beforeDelete: hooks?.getBeforeDeleteList(),
    afterDelete: hooks?.getAfterDeleteList(),
    onError: hooks?.getOnErrorList(),
  };
  return Object.fromEntries(
    Object.entries(lists).flatMap(([key, list]) =>
      list === undefined || list.length === 0 ? [] : [[key, list]],
    ),
  );
}

function toJson(struct: { toJavaScript(): unknown } | undefined): Json {
  return (struct?.toJavaScript() ?? {}) as Json;
}

/** Without an engine Pulumi logs to the console; the lines are kept, since a secret must not show there either. */
function listenToLog() {
  const lines: string[] = [];
  const spies = (["log", "info", "warn", "error"] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      lines.push(parts.map(String).join(" "));
    }),
  );
  return {
    lines,
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
