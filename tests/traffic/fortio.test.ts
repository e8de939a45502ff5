import { describe, expect, it } from "vitest";
import { fortioCommand, heldBack, readFortio } from "../../scripts/lib/traffic/fortio";
import { fixture, runOf } from "./support";

const { request } = runOf();

describe("fortioCommand", () => {
  it("sends exactly so many requests, with what is said of time and rate", () => {
    const headers = { "end-user": "jason", Host: "shop.example.com" };
    const load = { requests: 600, connections: 4, qps: 60, timeoutMs: 5000 };
    expect(fortioCommand("http://reviews.bookinfo:9080/", { ...request, headers }, load)).toEqual([
      ...["fortio", "load", "-json", "-", "-quiet", "-allow-initial-errors", "-log-errors=false"],
      ...["-n", "600", "-c", "4", "-qps", "60", "-timeout", "5000ms", "-p", "50,75,90,95,99,99.9"],
      ...["-H", "end-user:jason", "-H", "Host:shop.example.com", "http://reviews.bookinfo:9080/"],
    ]);
  });

  it("has no more connections than requests, and no limit of its own to the rate", () => {
    const words = fortioCommand("http://x/", { ...request, method: "POST" }, { requests: 3, connections: 8 });
    expect(words.join(" ")).toContain("-n 3 -c 3 -qps 0 -timeout 30000ms");
    expect(words.slice(-3)).toEqual(["-X", "POST", "http://x/"]);
  });
});

describe("readFortio", () => {
  it("reads what fortio 1.68 prints", () => {
    const { latency, ...told } = readFortio(fixture("fortio.json"));
    expect(told).toEqual({ statuses: { 200: 1000 }, requests: 1000, seconds: 0.555, qps: 1801 });
    expect(latency.mean).toBe(2.171);
    expect(latency.percentiles.slice(0, 3)).toEqual([
      { percentile: 50, ms: 1.452 },
      { percentile: 75, ms: 2.108 },
      { percentile: 90, ms: 4.759 },
    ]);
    expect(latency.buckets.slice(0, 2)).toEqual([
      { start: 0.285, end: 1, count: 302 },
      { start: 1, end: 2, count: 438 },
    ]);
    expect(latency.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });

  it("says what it got where that is no result", () => {
    expect(() => readFortio("Aborting because of lookup error")).toThrow(
      /^what fortio printed is no result: .*: Aborting because of lookup error$/,
    );
    expect(() => readFortio('{"RetCodes":{}}')).toThrow(/it has no histogram/);
  });
});

describe("heldBack", () => {
  const buckets = [
    { start: 0.3, end: 18, count: 19 },
    { start: 450, end: 500, count: 1 },
    { start: 500, end: 518.5, count: 40 },
  ];
  const told = readFortio(fixture("fortio.json"));
  it("counts requests that took as long as the delay, also where a timer was early", () => {
    expect(heldBack({ ...told, latency: { ...told.latency, buckets } }, 500)).toBe(41);
    expect(heldBack({ ...told, latency: { ...told.latency, buckets } }, 2000)).toBe(0);
  });
});
