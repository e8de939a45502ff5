import type { SshTarget } from "../../scripts/lib/ssh";

export interface FakeStep {
  readonly name: string;
  readonly stdout: string;
  readonly undoes?: boolean;
  readonly gone?: boolean;
  readonly generation?: number;
}

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

/** The export of a stack as `pulumi stack export --show-secrets` prints it, with these steps on these hosts. */
export function exported(hosts: readonly { target: SshTarget; steps: readonly FakeStep[] }[]): string {
  const resources = hosts.flatMap(({ target: { bastion, ...endpoint }, steps }) =>
    steps.map(({ name, stdout, undoes, gone, generation }) => {
      const inputs = {
        connection: secret({
          ...endpoint,
          dialErrorLimit: 60,
          perDialTimeout: 15,
          ...(bastion ? { proxy: bastion } : {}),
        }),
        create: "flock … bash -s -- create",
        stdin: secret(generation === undefined ? "main" : `set -e\n# generation ${generation}\nmain`),
        ...(undoes === true ? { delete: "flock … bash -s -- delete" } : {}),
      };
      return {
        urn: `urn:pulumi:dev::mesh-platform::mesh-platform:hosts:X$command:remote:Command::${name}`,
        custom: true,
        type: "command:remote:Command",
        inputs,
        outputs: { ...inputs, stdout, stderr: "" },
        ...(gone === true ? { retainOnDelete: true } : {}),
      };
    }),
  );
  const stack = {
    urn: "urn:pulumi:dev::mesh-platform::pulumi:pulumi:Stack::mesh-platform-dev",
    type: "pulumi:pulumi:Stack",
  };
  return JSON.stringify({ version: 3, deployment: { manifest: {}, resources: [stack, ...resources] } });
}
