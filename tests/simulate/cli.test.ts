import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readWords, UsageError } from "../../scripts/lib/command-line";
import { commandLine, optionsOf } from "../../scripts/lib/simulate/options";
import { simulate as simulateBy } from "../../scripts/lib/simulate/run";
import { bookinfo, to, user, virtualService } from "../components/traffic/simulate/world";

const folder = mkdtempSync(path.join(tmpdir(), "simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));
const simulate = (args: readonly string[]) => simulateBy(optionsOf(readWords(commandLine, args)));
const file = path.join(folder, "all.yaml");
const rules = virtualService("bookinfo", "reviews", {
  hosts: ["reviews"],
  http: [{ match: user("jason"), route: [to("reviews", "v2")] }, { route: [to("reviews", "v1")] }],
});
writeFileSync(file, [...bookinfo, rules].map((object) => stringify(object)).join("---\n"));
const request = [file, "--host", "reviews", "--from", "bookinfo/productpage-v1"];

describe("npm run simulate", () => {
  it("tells each step with the rule that decided", () => {
    expect(simulate([...request, "--header", "end-user=jason"])).toEqual({
      code: 0,
      remarks: ["14 objects in 1 files"],
      output: `source         Deployment bookinfo/productpage-v1, with a sidecar: the namespace has istio-injection=enabled
host           reviews on port 9080
               by VirtualService bookinfo/reviews, spec.hosts
route          route: end-user exact jason
               by VirtualService bookinfo/reviews, spec.http[0].match[0]
destination    100 % to reviews.bookinfo v2
               by VirtualService bookinfo/reviews, spec.http[0].route[0]
destination    reviews.bookinfo:9080 v2: labels {"version":"v2"}
               by DestinationRule bookinfo/reviews, spec.subsets[1]
endpoints      reviews.bookinfo:9080 v2: 100 % to Deployment bookinfo/reviews-v2, 1 of them
               by Service bookinfo/reviews, spec.selector
mtls           Deployment bookinfo/reviews-v2: mutual TLS: client and pods have sidecars; PeerAuthentication is PERMISSIVE by default
authorization  Deployment bookinfo/reviews-v2: no policy for these pods

ends
    100 %  200 reviews.bookinfo:9080 v2 (Deployment bookinfo/reviews-v2): answered`,
    });
  });

  it("writes JSON", () => {
    const { output } = simulate([...request, "--output", "json"]);
    expect(JSON.parse(output).results).toEqual([
      {
        delay: 0,
        attempts: 1,
        host: "reviews.bookinfo.svc.cluster.local",
        port: 9080,
        subset: "v1",
        workload: "Deployment bookinfo/reviews-v1",
        status: 200,
        reason: "answered",
        probability: 1,
      },
    ]);
  });

  it("takes what the request says", () => {
    const words = [
      ...request,
      "--query",
      "a=b=c",
      "--port",
      "8080",
      "--sni",
      "x",
      "--path",
      "/p",
      "--closed",
    ];
    expect(optionsOf(readWords(commandLine, words))).toEqual({
      paths: [file],
      request: {
        host: "reviews",
        from: "bookinfo/productpage-v1",
        headers: {},
        query: { a: "b=c" },
        scheme: "https",
        port: 8080,
        sni: "x",
        path: "/p",
      },
      output: "text",
      out: undefined,
      closed: true,
      namespace: "default",
    });
  });

  it.each([
    [[], "name a PATH, or - for the standard input\n\nUsage: npm run simulate -- [options] [PATH...]"],
    [[file], "say whom the client asks: --host HOST\n\nUsage: "],
    [[file, "--host", "reviews"], "write either --from or --gateway\n\nUsage: "],
    [[...request, "--port", "x"], "option '--port <PORT>' argument 'x' is invalid. Write a number."],
    [[...request, "--header", "x"], "argument 'x' is invalid. Write NAME=VALUE."],
    [["/nowhere", "--host", "a", "--from", "a/b"], "/nowhere: no such file or folder"],
  ])("refuses %j", (args, text) => {
    expect(() => simulate(args)).toThrow(UsageError);
    expect(() => simulate(args)).toThrow(text);
  });

  it("fails where the files do not have the client", () => {
    expect(() => simulate([file, "--host", "reviews", "--from", "a/b"])).toThrow(/no such workload/);
  });
});
