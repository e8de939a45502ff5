/** One variable of a container. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

/**
 * Tells a program in a pod to reach the API server by its endpoint in place of the service address. What makes
 * service addresses work cannot itself depend on them, and without any service proxy nobody can; client libraries
 * read these two variables, and a container's own win over those that the kubelet adds.
 */
export function apiServerEnv(endpoint: string): EnvironmentVariable[] {
  const [, host, port] = /^([^:/]+):(\d+)$/.exec(endpoint) ?? [];
  if (host === undefined || port === undefined) {
    throw new Error(`endpoint ${endpoint}: HOST:PORT is allowed; write it without https:// and with a port`);
  }
  return [
    { name: "KUBERNETES_SERVICE_HOST", value: host },
    { name: "KUBERNETES_SERVICE_PORT", value: port },
  ];
}
