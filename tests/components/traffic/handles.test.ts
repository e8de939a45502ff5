import { describe, expect, it } from "vitest";
import { destinations } from "../../../components/traffic/destinations";
import { checked } from "../../../components/traffic/faults";
import {
  destinationOf,
  external,
  gatewayText,
  hostOf,
  mesh,
  SubsetHandle,
} from "../../../components/traffic/handles";
import { context, faultPaths, front, full, reviews } from "./setup";

const destination = (...[to, port]: [Parameters<typeof destinationOf>[0], (string | number)?]) =>
  checked("test", (at) => destinationOf(to, port, context, at));

describe("handles", () => {
  it("name Services in full, with the domain of the cluster", () => {
    expect(hostOf(reviews, context)).toBe(full("reviews"));
    expect(hostOf(reviews, { ...context, dnsDomain: "example.org" })).toBe(
      "reviews.bookinfo.svc.example.org",
    );
    expect(hostOf(external("api.example.com"), context)).toBe("api.example.com");
    expect([front, mesh].map((one) => gatewayText(one as typeof front))).toEqual([
      "bookinfo/bookinfo-gateway",
      "mesh",
    ]);
  });

  it("make destinations with ports by name or number", () => {
    expect(destination(reviews)).toEqual({ host: full("reviews") });
    expect(destination(new SubsetHandle(reviews, "v1"), "http")).toEqual({
      host: full("reviews"),
      subset: "v1",
      port: { number: 9080 },
    });
    expect(destination(external("api.example.com"), 443)).toEqual({
      host: "api.example.com",
      port: { number: 443 },
    });
  });

  it("refuse ports that a host does not have", () => {
    expect(faultPaths(() => destination(reviews, "grpc"))).toEqual(["port"]);
    expect(faultPaths(() => destination(reviews, 80))).toEqual(["port"]);
    expect(faultPaths(() => destination(external("api.example.com"), "https"))).toEqual(["port"]);
  });

  it("of subsets come from declared destinations alone", () => {
    const declared = destinations(reviews, { subsets: { v1: { version: "v1" } } });
    expect(SubsetHandle.isOne(declared.subset("v1"))).toBe(true);
    // @ts-expect-error: a text, or what looks like a handle, is none.
    const forged: SubsetHandle = { kind: "subset", service: reviews, name: "v9" };
    expect(SubsetHandle.isOne(forged)).toBe(false);
    // @ts-expect-error: no such subset is declared.
    expect(() => declared.subset("v9")).toThrow("v1");
  });
});
