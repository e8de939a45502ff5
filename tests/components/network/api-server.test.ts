import { describe, expect, it } from "vitest";
import { apiServerEnv } from "../../../components/network/api-server";

describe("apiServerEnv", () => {
  it.each([
    ["172.30.0.11:6443", "172.30.0.11", "6443"],
    ["api.example.com:443", "api.example.com", "443"],
  ])("names host and port of %s as client libraries read them", (endpoint, host, port) => {
    expect(apiServerEnv(endpoint)).toEqual([
      { name: "KUBERNETES_SERVICE_HOST", value: host },
      { name: "KUBERNETES_SERVICE_PORT", value: port },
    ]);
  });

  it.each(["https://10.0.0.1:6443", "10.0.0.1", "10.0.0.1:", ":6443"])("refuses %s", (endpoint) => {
    expect(() => apiServerEnv(endpoint)).toThrow(
      `endpoint ${endpoint}: HOST:PORT is allowed; write it without https:// and with a port`,
    );
  });
});
