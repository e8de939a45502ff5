import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { HostConnection } from "./connection";
import { RemoteScript } from "./script";

/** A file on a machine whose content must not be shown. */
export interface SecretFile {
  /** Absolute path, without white space. */
  readonly path: string;
  /** Octal permissions, such as `0600`. */
  readonly mode: string;
  /** `user:group`; both must exist on the machine. */
  readonly owner: string;
  readonly content: pulumi.Input<string>;
}

/**
 * Files with secret content, written atomically, mode and owner before content, nothing printed.
 *
 * They have a step of their own so that the other steps keep a readable diff: one secret value makes a whole
 * input secret. Several files share the step because each step costs an SSH connection.
 */
export class RemoteFile extends RemoteScript {
  constructor(
    name: string,
    args: { readonly connection: HostConnection; readonly files: readonly SecretFile[] },
    options: pulumi.CustomResourceOptions = {},
  ) {
    const lines = args.files.map(
      (file) =>
        pulumi.interpolate`${file.path} ${file.mode} ${file.owner} ${pulumi.output(file.content).apply((content) => Buffer.from(content).toString("base64"))}`,
    );
    super(
      name,
      {
        connection: args.connection,
        script: join(__dirname, "scripts", "files.sh"),
        parameters: { FILES: pulumi.secret(pulumi.all(lines)) },
        timeoutSeconds: 60,
        progress: false,
      },
      options,
    );
  }
}
