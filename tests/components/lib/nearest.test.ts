import { describe, expect, it } from "vitest";
import { didYouMean, nearest } from "../../../components/lib/nearest";

describe("the nearest known name", () => {
  const stacks = ["dev", "lab", "aliyun-slb"];

  it.each([
    ["aliyun-sbl", "aliyun-slb"],
    ["aliyunslb", "aliyun-slb"],
    ["Lab", "lab"],
    ["dve", undefined],
    ["de", "dev"],
    ["stage", undefined],
    ["", undefined],
  ])("of %j is %j", (given, name) => {
    expect(nearest(given, stacks)).toBe(name);
  });

  it("is the first of two that are equally near", () => {
    expect(nearest("ab", ["abc", "abd"])).toBe("abc");
  });

  it("ends a sentence, or leaves it as it is", () => {
    expect(didYouMean("labb", stacks)).toBe(" Did you mean lab?");
    expect(didYouMean("production", stacks)).toBe("");
  });
});
