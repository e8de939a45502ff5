/**
 * The one thing that the stand-in providers share: a gRPC server that speaks the engine's provider protocol.
 *
 * The server of `@pulumi/pulumi/provider` is not used because it cannot do what the real providers do: it
 * answers neither Configure nor DiffConfig, does not say whether a call is a preview, drops timeouts, and has
 * no door to the engine's log for a single resource.
 */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { exitWithParent } from "./orphan";
import { changedPaths, decodeMap, encodeMap, rootOfPath, type ValueMap } from "./values";

/** What a request says about the resource it is for. */
export interface ResourceContext {
  readonly urn: string;
  /** The resource's name in the program: the last part of the URN. */
  readonly name: string;
  /** The type token, such as `command:remote:Command`. */
  readonly type: string;
  /** Seconds from the resource's `customTimeouts`, or 0 where it has none. */
  readonly timeout: number;
  /** Aborts when the engine is asked to stop. */
  readonly cancelled: AbortSignal;
  /** Shows a line beside the resource while it is being worked on. */
  log(message: string, options?: { severity?: "info" | "warning" | "error"; lasting?: boolean }): void;
}

export interface CheckResult {
  readonly inputs: ValueMap;
  readonly failures?: readonly { property: string; reason: string }[];
}

export interface DiffResult {
  /** Differing properties by path; the preview shows these. */
  readonly changes: Record<string, "add" | "delete" | "update">;
  /** Paths that are outputs: the preview then shows how they will change, not how the inputs do. */
  readonly isOutput?: (path: string) => boolean;
  /** Paths whose change means a new resource. */
  readonly replaces?: (path: string) => boolean;
  readonly deleteBeforeReplace?: boolean;
}

/** One kind of resource. A missing function means: no check, compare all inputs, nothing to read or delete. */
export interface ResourceKind {
  check?(context: ResourceContext, news: ValueMap, olds: ValueMap): Promise<CheckResult> | CheckResult;
  diff?(
    context: ResourceContext,
    state: {
      id: string;
      inputs: ValueMap;
      outputs: ValueMap;
      news: ValueMap;
      ignoreChanges: readonly string[];
    },
  ): Promise<DiffResult> | DiffResult;
  create(
    context: ResourceContext,
    inputs: ValueMap,
    preview: boolean,
  ): Promise<{ id: string; outputs: ValueMap }>;
  read?(
    context: ResourceContext,
    state: { id: string; inputs: ValueMap; outputs: ValueMap },
  ): Promise<{ id: string; inputs: ValueMap; outputs: ValueMap } | undefined>;
  update?(
    context: ResourceContext,
    state: {
      id: string;
      inputs: ValueMap;
      outputs: ValueMap;
      news: ValueMap;
      ignoreChanges: readonly string[];
    },
    preview: boolean,
  ): Promise<ValueMap>;
  delete?(
    context: ResourceContext,
    state: { id: string; inputs: ValueMap; outputs: ValueMap },
  ): Promise<void>;
}

/** A provider: its resources and, if it has any, its own configuration. */
export interface Provider {
  /** The version of the official provider whose behaviour it copies. */
  readonly version: string;
  /** Finds the kind of a type token, or explains why there is none. */
  kind(type: string): ResourceKind | undefined;
  configure?(args: ValueMap): Promise<void> | void;
  /** Compares provider configurations: `replaces` renews every resource of the provider. */
  diffConfig?(olds: ValueMap, news: ValueMap): DiffResult;
  /** Functions of the provider, by token. */
  readonly functions?: Readonly<Record<string, (args: ValueMap) => Promise<ValueMap> | ValueMap>>;
}

/**
 * The resource exists but did not become what it should: the engine stores it, reports the reasons, and tries
 * an update next time.
 */
export class InitializationError extends Error {
  readonly id: string;
  readonly outputs: ValueMap;
  readonly inputs: ValueMap;
  readonly reasons: readonly string[];

  constructor(id: string, outputs: ValueMap, inputs: ValueMap, reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.id = id;
    this.outputs = outputs;
    this.inputs = inputs;
    this.reasons = reasons;
  }
}

// The engine's own limit; a state with certificates and manifests soon passes gRPC's default of 4 MiB.
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};

/** Serves a provider to the engine that started this process, until the engine ends it. */
export function serve(provider: Provider): void {
  if (process.argv.includes("--version")) {
    console.log(provider.version);
    return;
  }
  exitWithParent();
  const engineAddress = process.argv[2];
  const engine = engineAddress
    ? new EngineClient(engineAddress, grpc.credentials.createInsecure(), CHANNEL_OPTIONS)
    : undefined;
  const server = new grpc.Server(CHANNEL_OPTIONS);
  server.addService(ResourceProviderService, new Handlers(provider, engine).methods());
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      throw error;
    }
    // The engine reads the port from the first line and passes everything after it on to the user.
    console.log(String(port));
  });
}

type Unary<Request, Response> = (request: Request) => Promise<Response> | Response;

class Handlers {
  readonly #provider: Provider;
  readonly #engine: EngineClient | undefined;
  readonly #cancel = new AbortController();

  constructor(provider: Provider, engine: EngineClient | undefined) {
    this.#provider = provider;
    this.#engine = engine;
  }

  methods(): grpc.UntypedServiceImplementation {
    return {
      getPluginInfo: unary(() => new PluginInfo().setVersion(this.#provider.version)),
      getSchema: unary(() => new pb.GetSchemaResponse().setSchema("{}")),
      checkConfig: unary((request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
      diffConfig: unary((request: pb.DiffRequest) => this.#diffConfig(request)),
      configure: unary((request: pb.ConfigureRequest) => this.#configure(request)),
      check: unary((request: pb.CheckRequest) => this.#check(request)),
      diff: unary((request: pb.DiffRequest) => this.#diff(request)),
      create: unary((request: pb.CreateRequest) => this.#create(request)),
      read: unary((request: pb.ReadRequest) => this.#read(request)),
      update: unary((request: pb.UpdateRequest) => this.#update(request)),
      delete: unary((request: pb.DeleteRequest) => this.#delete(request)),
      invoke: unary((request: pb.InvokeRequest) => this.#invoke(request)),
      call: unary((request: pb.CallRequest) => refuse(request.getTok())),
      construct: unary((request: pb.ConstructRequest) => refuse(request.getType())),
      cancel: unary(() => {
        this.#cancel.abort();
        return new Empty();
      }),
      attach: unary(() => new Empty()),
    };
  }

  async #configure(request: pb.ConfigureRequest): Promise<pb.ConfigureResponse> {
    await this.#provider.configure?.(fromStruct(request.getArgs()));
    return new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
  }

  #diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const olds = fromStruct(request.getOldInputs());
    const news = fromStruct(request.getNews());
    return diffResponse(this.#provider.diffConfig?.(olds, news) ?? { changes: changedPaths(olds, news) });
  }

  async #check(request: pb.CheckRequest): Promise<pb.CheckResponse> {
    const news = fromStruct(request.getNews());
    const kind = this.#kind(request.getType());
    const result = await kind.check?.(this.#context(request), news, fromStruct(request.getOlds()));
    const failures = (result?.failures ?? []).map(({ property, reason }) =>
      new pb.CheckFailure().setProperty(property).setReason(reason),
    );
    return new pb.CheckResponse().setInputs(toStruct(result?.inputs ?? news)).setFailuresList(failures);
  }

  async #diff(request: pb.DiffRequest): Promise<pb.DiffResponse> {
    const state = stateOf(request);
    const kind = this.#kind(request.getType());
    const result = await kind.diff?.(this.#context(request), state);
    return diffResponse(result ?? { changes: changedPaths(state.inputs, state.news), replaces: () => true });
  }

  async #create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const { id, outputs } = await this.#kind(request.getType()).create(
      this.#context(request, request.getTimeout()),
      fromStruct(request.getProperties()),
      request.getPreview(),
    );
    return new pb.CreateResponse().setId(request.getPreview() ? "" : id).setProperties(toStruct(outputs));
  }

  async #read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const state = {
      id: request.getId(),
      inputs: fromStruct(request.getInputs()),
      outputs: fromStruct(request.getProperties()),
    };
    const kind = this.#kind(request.getType());
    const live = kind.read ? await kind.read(this.#context(request, request.getTimeout()), state) : state;
    if (!live) {
      return new pb.ReadResponse();
    }
    return new pb.ReadResponse()
      .setId(live.id)
      .setInputs(toStruct(live.inputs))
      .setProperties(toStruct(live.outputs));
  }

  async #update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const kind = this.#kind(request.getType());
    if (!kind.update) {
      throw new Error(`${request.getType()} cannot be updated in place`);
    }
    const context = this.#context(request, request.getTimeout());
    const outputs = await kind.update(context, stateOf(request), request.getPreview());
    return new pb.UpdateResponse().setProperties(toStruct(outputs));
  }

  async #delete(request: pb.DeleteRequest): Promise<Empty> {
    await this.#kind(request.getType()).delete?.(this.#context(request, request.getTimeout()), {
      id: request.getId(),
      inputs: fromStruct(request.getOldInputs()),
      outputs: fromStruct(request.getProperties()),
    });
    return new Empty();
  }

  async #invoke(request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
    const token = request.getTok();
    const call = this.#provider.functions?.[token] ?? refuse(token);
    return new pb.InvokeResponse().setReturn(toStruct(await call(fromStruct(request.getArgs()))));
  }

  #kind(type: string): ResourceKind {
    return this.#provider.kind(type) ?? refuse(type);
  }

  #context(request: { getUrn(): string; getType(): string }, timeout = 0): ResourceContext {
    const urn = request.getUrn();
    return {
      urn,
      name: urn.slice(urn.lastIndexOf("::") + 2),
      type: request.getType(),
      timeout,
      cancelled: this.#cancel.signal,
      log: (message, options) => {
        const severity = { info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR };
        this.#engine?.log(
          new LogRequest()
            .setUrn(urn)
            .setMessage(message)
            .setSeverity(severity[options?.severity ?? "info"])
            .setEphemeral(options?.lasting !== true),
          // A lost line must not fail a deployment.
          () => {},
        );
      },
    };
  }
}

function stateOf(request: pb.DiffRequest | pb.UpdateRequest) {
  return {
    id: request.getId(),
    inputs: fromStruct(request.getOldInputs()),
    outputs: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

function refuse(token: string): never {
  throw new Error(`${token} is not implemented by the stand-in provider; it needs the official plugin`);
}

function unary<Request, Response>(handle: Unary<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await handle(call.request));
    } catch (error) {
      callback(rpcError(error));
    }
  };
}

function rpcError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const failure = { code: grpc.status.UNKNOWN, details: message };
  if (!(error instanceof InitializationError)) {
    return failure;
  }
  // gRPC for Node has no structured errors; this metadata field is how the other implementations send them.
  const detail = new pb.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(error.outputs))
    .setInputs(toStruct(error.inputs))
    .setReasonsList([...error.reasons]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([packed]);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { ...failure, metadata };
}

function diffResponse(result: DiffResult): pb.DiffResponse {
  const paths = Object.keys(result.changes);
  const replaces = (path: string): boolean => result.replaces?.(path) === true;
  const response = new pb.DiffResponse()
    .setChanges(
      paths.length > 0 ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE,
    )
    .setDiffsList([...new Set(paths.map(rootOfPath))])
    .setReplacesList([...new Set(paths.filter(replaces).map(rootOfPath))])
    .setDeletebeforereplace(result.deleteBeforeReplace === true)
    .setHasdetaileddiff(true);
  const { Kind } = pb.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  for (const [path, change] of Object.entries(result.changes)) {
    const kind = kinds[change][replaces(path) ? 1 : 0];
    const inputDiff = result.isOutput?.(path) !== true;
    response.getDetaileddiffMap().set(path, new pb.PropertyDiff().setKind(kind).setInputdiff(inputDiff));
  }
  return response;
}

function fromStruct(struct: Struct | undefined): ValueMap {
  return decodeMap(struct?.toJavaScript());
}

function toStruct(values: ValueMap): Struct {
  return Struct.fromJavaScript(encodeMap(values) as Record<string, JavaScriptValue>);
}
