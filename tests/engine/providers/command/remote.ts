/** `command:remote:Command`: a script on another computer, over SSH. */
import type { CheckResult, ResourceContext } from "../harness";
import { isMap, mapEntries, type PlainMap, Secret, unsecret, type Value, type ValueMap } from "../values";
import { checkInputs, failuresOf, type Shape, withDefaults } from "./check";
import { commandKind } from "./lifecycle";
import { previousOutputVariables } from "./local";
import { type CommandOutput, OutputRecorder } from "./output";
import { type ConnectionProps, connect, execute } from "./ssh";

const SHAPE: Shape = {
  create: "string",
  update: "string",
  delete: "string",
  stdin: "string",
  triggers: "array",
  logging: "string",
  connection: "object",
  addPreviousOutputInEnv: "boolean",
};

const HOP_SHAPE: Shape = {
  host: "string",
  port: "number",
  user: "string",
  password: "string",
  privateKey: "string",
  privateKeyPassword: "string",
  agentSocketPath: "string",
  hostKey: "string",
  dialErrorLimit: "number",
  perDialTimeout: "number",
};

/** The official provider marks these one by one, inside of a connection that is secret as a whole. */
const HOP_SECRETS = ["password", "privateKey", "privateKeyPassword"];

const NO_ENVIRONMENT =
  "'environment' of a remote command is not implemented by the stand-in provider: put the values on stdin";

const HOP_DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

export const remoteCommand = commandKind(runRemotely, (_context, news) => checkRemote(news));

function checkRemote(news: ValueMap): CheckResult {
  const connection = withProxyDefaults(withDefaults(news.connection, HOP_DEFAULTS));
  const inputs: ValueMap = { ...news };
  if (connection !== undefined) {
    inputs.connection = secret(markHop(connection));
  }
  const { environment, ...supported } = inputs;
  const { failures = [] } = checkInputs(supported, SHAPE);
  if (environment !== undefined) {
    // sshd accepts only the variables that its AcceptEnv names and the official provider fails on the others.
    // The SSH library in use here cannot see the refusal, so it would be more lenient than the real thing.
    return { inputs, failures: [...failures, { property: "environment", reason: NO_ENVIRONMENT }] };
  }
  const hop = unsecret(connection ?? null);
  if (hop === null) {
    return {
      inputs,
      failures: [...failures, { property: "connection", reason: "'connection' is required" }],
    };
  }
  if (!isMap(hop)) {
    return { inputs, failures };
  }
  return {
    inputs,
    failures: [
      ...failures,
      ...failuresOf(hop, { ...HOP_SHAPE, proxy: "object" }, "connection."),
      ...(isMap(hop.proxy) ? failuresOf(hop.proxy, HOP_SHAPE, "connection.proxy.") : []),
    ],
  };
}

function withProxyDefaults(connection: Value | undefined): Value | undefined {
  if (connection instanceof Secret) {
    return new Secret(withProxyDefaults(connection.value) ?? null);
  }
  if (!isMap(connection) || (connection.proxy ?? null) === null) {
    return connection;
  }
  return { ...connection, proxy: withDefaults(connection.proxy, HOP_DEFAULTS) ?? null };
}

/** Marks what is secret in a connection and in its proxy. */
function markHop(value: Value): Value {
  if (value instanceof Secret) {
    return new Secret(markHop(value.value));
  }
  if (!isMap(value)) {
    return value;
  }
  return mapEntries(value, (each, name) =>
    each !== null && HOP_SECRETS.includes(name) ? secret(each) : name === "proxy" ? markHop(each) : each,
  );
}

function secret(value: Value): Value {
  return value instanceof Secret ? value : new Secret(value);
}

async function runRemotely(
  context: ResourceContext,
  script: string,
  props: PlainMap,
): Promise<CommandOutput> {
  const recorder = new OutputRecorder(context, props.logging);
  const { client, close } = await connect(context, props.connection as unknown as ConnectionProps);
  try {
    const reason = await execute(client, script, {
      stdin: typeof props.stdin === "string" ? props.stdin : "",
      environment: previousOutputVariables(props),
      write: (stream, data) => recorder.write(stream, data),
    });
    if (reason !== undefined) {
      throw recorder.failure(reason, script);
    }
    return recorder.finish();
  } finally {
    close();
  }
}
