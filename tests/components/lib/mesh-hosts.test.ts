import { describe, expect, it } from "vitest";
import { gatewayHost, hostsMeet } from "../../../components/lib/mesh-hosts";

describe("host names", () => {
  it.each([
    ["shop.example.com", "shop.example.com", true],
    ["Shop.example.com", "shop.EXAMPLE.com", true],
    ["shop.example.com", "blog.example.com", false],
    ["*", "blog.example.com", true],
    ["*.example.com", "blog.example.com", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "*.com", true],
    ["*.example.com", "*.example.org", false],
  ])("%s and %s meet: %s", (one, other, meet) => {
    expect(hostsMeet(one, other)).toBe(meet);
    expect(hostsMeet(other, one)).toBe(meet);
  });

  it.each([
    ["a.com", "*", "a.com"],
    ["*/a.com", "*", "a.com"],
    ["./a.com", "shop", "a.com"],
    ["blog/a.com", "blog", "a.com"],
  ])("of a Gateway are for namespaces: %s", (text, namespace, host) => {
    expect(gatewayHost(text, "shop")).toEqual({ namespace, host });
  });
});
