/** Builds the program for one control plane and N workers against mocks; prints wall time and counts as JSON. */
import * as pulumi from "@pulumi/pulumi";
import { plainStackTraces } from "../components/lib/stack-traces";
import { resolvePlatform } from "../stacks/config/load";
import { buildPlatform } from "../stacks/platform";
import { testCertificate } from "../tests/support/pems";

const workers = Number(process.argv[2] ?? 1);
const counts = { resources: 0, commands: 0 };
const certificate = testCertificate("bench");
const pem = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n";

async function main(): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        counts.resources += 1;
        if (type === "command:remote:Command") counts.commands += 1;
        const made = {
          privateKeyPem: pem,
          privateKeyOpenssh: pem,
          publicKeyPem: pem,
          publicKeyOpenssh: "ssh-ed25519 AA",
          certPem: certificate,
          result: "a",
          stdout: "{}",
        };
        return { id: `${name}-id`, state: { ...inputs, ...made } };
      },
      call: () => ({}),
    },
    "mesh-platform",
    "bench",
  );
  const start = process.hrtime.bigint();
  const hosts = { kind: "sandbox", workers };
  const computer = { sandboxProblems: () => [], sandboxCidr: () => "172.30.0.0/24" };
  await buildPlatform(resolvePlatform({ hosts, artifacts: { kind: "upstream" } }, "bench", computer));
  await pulumi.runtime.disconnect();
  const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(
    JSON.stringify({
      hosts: workers + 1,
      wallSeconds: Math.round(wallSeconds * 1000) / 1000,
      ...counts,
      commandsPerHost: Math.ceil(counts.commands / (workers + 1)),
    }),
  );
}

plainStackTraces();
main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
