import { beforeAll, describe, expect, it } from "vitest";
import { inventory, recordPlatform } from "../../support/platforms";
import { isSecret, type Recording, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

let recording: Recording;
beforeAll(async () => {
  recording = await recordPlatform(inventory(1));
}, 60_000);

const parameters = (name: string) => parseRendered(textInput(recording.find(name), "stdin")).parameters;

describe("Worker", () => {
  it("joins by a config whose diff can be read", () => {
    expect(isSecret(recording.find("node1-join"), "stdin")).toBe(false);
    expect(parameters("node1-join")).toMatchObject({
      NODE_NAME: "node1",
      API_SERVER: "https://172.16.8.241:6443",
    });
    expect(parameters("node1-join").KUBEADM_CONFIG).toContain(
      "kubeConfigPath: /etc/kubernetes/mesh-platform-discovery.conf\n",
    );
  });

  it("is drained and removed before it is reset: what is made last is undone first", () => {
    const membership = recording.find("node1-membership");
    expect(textInput(membership, "connection", "host")).toBe("192.168.0.241");
    expect(textInput(membership, "delete")).toMatch(/ delete$/);
    expect(textInput(recording.find("node1-join"), "delete")).toMatch(/ delete$/);
    expect(recording.path("node1-membership", "node1-join")).toEqual(["node1-membership", "node1-join"]);
    expect(parameters("node1-membership")).toEqual({ NODE_NAME: "node1" });
  });
});
