import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { KubeObject } from "../../../components/lib/objects";
import { program } from "../../support/programs";
import type { RealMesh } from "./mesh";
import { freePorts, inside, until } from "./processes";
import { send } from "./web";

interface Rendered {
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly Variable[] }[] };
    };
  };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Debian's Redis, by the loader and the libraries of the image that it is in. */
const redis = (root: string, port: number): string[] => [
  `${root}/lib64/ld-linux-x86-64.so.2`,
  ...["--library-path", `${root}/lib/x86_64-linux-gnu:${root}/usr/lib/x86_64-linux-gnu`],
  `${root}/usr/bin/redis-server`,
  ...["--bind", "127.0.0.1", "--port", String(port), "--save", ""],
];

async function listening(port: number): Promise<true> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}

/**
 * Runs the rate limit service with the files and the environment of a rendered one, and its Redis. Gives the objects by
 * which proxies find it: the rendered Service, and a WorkloadEntry instead of its pods.
 */
export async function startRateLimits(
  { processes, folder }: RealMesh,
  rendered: readonly KubeObject[],
): Promise<readonly KubeObject[]> {
  const [store = 0, http = 0, grpc = 0, debug = 0] = await freePorts(4);
  const own = inside(folder, "ratelimit");
  mkdirSync(inside(own, "data", "ratelimit", "config"), { recursive: true });
  const find = (kind: string, name: string) =>
    rendered.find((object) => object.kind === kind && object.metadata.name === name) as unknown as
      | (Rendered & KubeObject)
      | undefined;
  for (const [file, text] of Object.entries(find("ConfigMap", "ratelimit-config")?.data ?? {}))
    writeFileSync(inside(own, "data", "ratelimit", "config", file), text);
  const given = find("Deployment", "ratelimit")?.spec.template.spec.containers[0]?.env ?? [];
  processes.start({
    name: "redis",
    folder: own,
    log: inside(folder, "redis.log"),
    command: redis(program("redis"), store),
  });
  // The service gives up for good where its store does not listen, and proxies let all requests pass without it.
  await until("Redis", () => listening(store));
  processes.start({
    name: "ratelimit",
    folder: own,
    log: inside(folder, "ratelimit.log"),
    command: [program("rateLimit")],
    env: {
      ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
      RUNTIME_ROOT: inside(own, "data"),
      REDIS_URL: `127.0.0.1:${store}`,
      ...{ HOST: "127.0.0.1", PORT: String(http) },
      ...{ GRPC_HOST: "127.0.0.1", GRPC_PORT: String(grpc) },
      ...{ DEBUG_HOST: "127.0.0.1", DEBUG_PORT: String(debug) },
    },
  });
  await until("the rate limit service", async () => {
    const { status } = await send("127.0.0.1", http, {
      path: "/healthcheck",
      headers: { host: "ratelimit" },
    });
    return status === 200 ? true : undefined;
  });
  const service = find("Service", "ratelimit") as unknown as KubeObject & {
    spec: { selector: Record<string, string>; ports: { name: string; port: number }[] };
  };
  const { selector, ports } = service.spec;
  const targets = { http, grpc, "http-debug": debug } as Readonly<Record<string, number>>;
  return [
    // Pods would say by name which port is which.
    {
      ...service,
      spec: { selector, ports: ports.map((port) => ({ ...port, targetPort: targets[port.name] })) },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "WorkloadEntry",
      metadata: { name: "ratelimit", namespace: service.metadata.namespace ?? "", labels: selector },
      spec: { address: "127.0.0.1", labels: selector },
    },
  ];
}
