import * as pulumi from "@pulumi/pulumi";
import { plainStackTraces } from "./components/lib/stack-traces";
import { sandboxProblems } from "./components/sandbox/requirements";
import { resolveCidr } from "./components/sandbox/state";
import { analysed } from "./stacks/analysis";
import { compositions } from "./stacks/compositions";
import { loadPlatform } from "./stacks/config/load";
import { ownSandboxId } from "./stacks/hosts";

plainStackTraces();

// CommonJS form: of an ES default export Pulumi would take the wrapper object for the outputs.
module.exports = async () => {
  const platform = loadPlatform({
    sandboxProblems,
    sandboxCidr: () => resolveCidr(ownSandboxId(pulumi.getStack())),
  });
  return analysed(platform, () => compositions[platform.config.composition](platform));
};
