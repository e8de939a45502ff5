import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { engineKnowsHooks } from "../lib/hooks";

/** How long a token opens the door: the time of one join with some room for slow image pulls. */
const TOKEN_MINUTES = 15;

export interface ApiAccess {
  /** `https://ADDRESS:PORT` */
  readonly server: string;
  readonly authority: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
}

/** A bootstrap token: `id` names it and is no secret, `token` is both parts. */
export interface BootstrapToken {
  readonly token: pulumi.Output<string>;
  /** Makes the cluster accept the token for a few minutes, right before every attempt of the step that needs it. */
  readonly hooks: pulumi.ResourceHookBinding;
}

/**
 * A node's token. Its text is made once and stays in the encrypted state; the cluster knows it only for the minutes
 * around a join. A token that a step minted once would be stale when a failed join is repeated the next day, since a
 * step that succeeded does not run again: hence a hook of the join itself, which runs at every attempt.
 *
 * `withoutApi` is for the host that begins the cluster: there is nobody to tell.
 */
export function bootstrapToken(
  name: string,
  access: ApiAccess,
  parent: pulumi.Resource,
  withoutApi: pulumi.Input<boolean> = false,
): BootstrapToken {
  const part = (suffix: string, length: number) =>
    new random.RandomPassword(`${name}-token-${suffix}`, { length, special: false, upper: false }, { parent })
      .result;
  const [id, secret] = [part("id", 6), part("secret", 16)];
  const known = pulumi.all([id, secret, access.authority, access.certificate, access.privateKey]);
  const mint = () =>
    new pulumi.ResourceHook(`${name}-mint-token`, async () => {
      if (await resolved(pulumi.output(withoutApi))) return;
      const [tokenId, tokenSecret, authority, certificate, privateKey] = await resolved(known);
      const agent = new Agent({ ca: authority, cert: certificate, key: privateKey });
      const manifest = renderTokenSecret(tokenId, tokenSecret, new Date(Date.now() + TOKEN_MINUTES * 60_000));
      await applySecret(access.server, agent, manifest);
    });
  const bind = () => {
    const hook = mint();
    return { beforeCreate: [hook], beforeUpdate: [hook] };
  };
  return {
    token: pulumi.secret(pulumi.interpolate`${id}.${secret}`),
    hooks: engineKnowsHooks() ? bind() : {},
  };
}

/** The Secret by which the API server knows a token; its controller deletes it once it has expired. */
export function renderTokenSecret(id: string, secret: string, expires: Date) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    stringData: {
      "token-id": id,
      "token-secret": secret,
      expiration: expires.toISOString().replace(/\.\d+Z$/, "Z"),
      "usage-bootstrap-authentication": "true",
      "usage-bootstrap-signing": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    },
  };
}

function resolved<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as pulumi.Unwrap<T>));
  });
}

/** Seconds between tries. An endpoint breaks connections off while its balancer takes notice of another control plane. */
const PAUSES = [1, 2, 4, 8];

/** Nobody was reached, or somebody who cannot serve right now. Another authority, or a refusal, does not pass. */
class Passing extends Error {}

/** Server-side apply, so that an expired Secret of the same name is refreshed. Errors never carry the body. */
async function applySecret(...call: Parameters<typeof tryToApply>): Promise<void> {
  for (const seconds of PAUSES) {
    try {
      return await tryToApply(...call);
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      await sleep(seconds * 1000);
    }
  }
  return tryToApply(...call);
}

function tryToApply(
  server: string,
  agent: Agent,
  manifest: ReturnType<typeof renderTokenSecret>,
): Promise<void> {
  const { namespace, name } = manifest.metadata;
  const url = `${server}/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=mesh-platform&force=true`;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        agent,
        method: "PATCH",
        headers: { "content-type": "application/apply-patch+yaml" },
        timeout: 15_000,
      },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        if (status < 300) resolve();
        else {
          const Kind = status === 429 || status >= 500 ? Passing : Error;
          reject(new Kind(`the API server at ${server} answered ${status} to a new bootstrap token`));
        }
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer within 15 s")));
    call.on("error", (error: NodeJS.ErrnoException) => {
      const Kind = /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ETIMEDOUT)$/.test(error.code ?? "")
        ? Passing
        : Error;
      reject(new Kind(`cannot mint a bootstrap token at ${server}: ${error.message}`));
    });
    call.end(JSON.stringify(manifest));
  });
}
