/**
 * Stand-in for the language host of Node programs: the engine asks it which plugins a program needs and has it
 * run the program. It starts `@pulumi/pulumi/cmd/run` with the same arguments and variables as the official
 * one (sdk/nodejs/cmd/pulumi-language-nodejs).
 *
 * Not done, because this project does not need it: installing dependencies, generating code, packing SDKs, and
 * the pipes for synchronous invokes, which SDKs since 3.0 no longer open.
 */
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { exitWithParent } from "../providers/orphan";
import { installedDependencies, requiredPackages } from "./packages";
import { ProgramRunner } from "./run";

// The engine starts it as `pulumi-language-nodejs [flags] ENGINE_ADDRESS`.
const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const runner = new ProgramRunner(engineAddress);
exitWithParent(() => runner.kill());

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  handshake: unary((request: pb.LanguageHandshakeRequest) => {
    runner.engineAddress = request.getEngineAddress();
    return new pb.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new PluginInfo().setVersion("0.0.0-stand-in")),
  getRequiredPackages: unary((request: pb.GetRequiredPackagesRequest) =>
    new pb.GetRequiredPackagesResponse().setPackagesList(requiredPackages(programFolder(request.getInfo()))),
  ),
  getProgramDependencies: unary((request: pb.GetProgramDependenciesRequest) =>
    new pb.GetProgramDependenciesResponse().setDependenciesList(
      installedDependencies(programFolder(request.getInfo())),
    ),
  ),
  about: unary(() => new pb.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
  runtimeOptionsPrompts: unary(() => new pb.RuntimeOptionsResponse()),
  run: unary((request: pb.RunRequest) => runner.run(request)),
  cancel: unary(() => {
    runner.cancel();
    return new Empty();
  }),
});

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    throw error;
  }
  // The engine reads the port from the first line; what follows is the program's own output.
  console.log(String(port));
});

function programFolder(info: pb.ProgramInfo | undefined): string {
  return info?.getProgramDirectory() || process.cwd();
}

function unary<Request, Response>(
  handle: (request: Request) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await handle(call.request));
    } catch (error) {
      callback({
        code: grpc.status.UNKNOWN,
        details: error instanceof Error ? error.message : String(error),
      });
    }
  };
}
