import * as pulumi from "@pulumi/pulumi";
import { plainStackTraces } from "./components/lib/stack-traces";
import { servedVersions } from "./components/sandbox/mirror/mirror";
import { sandboxProblems } from "./components/sandbox/requirements";
import { resolveCidr } from "./components/sandbox/state";
import { ownSandboxId } from "./stacks/hosts";
import { runStack } from "./stacks/program";

plainStackTraces();

// CommonJS form: of an ES default export Pulumi would take the wrapper object for the outputs.
module.exports = () =>
  runStack({
    sandboxProblems,
    sandboxCidr: () => resolveCidr(ownSandboxId(pulumi.getStack())),
    servedVersions,
  });
