import { describe, expect, it } from "vitest";
import { re2Objection } from "../../../components/traffic/re2";

// What is expected here is what Go's regexp.Compile, which istiod asks, says of the same text.
describe("re2Objection", () => {
  it.each([
    ...[
      "a",
      "^/v[12]/.*$",
      "(?i)jason",
      "(?P<user>\\w+)",
      "(?<user>x)",
      "[[:alpha:]]+",
      "\\pL\\p{Greek}",
      "x{2,1000}",
    ],
    ...[
      "a|",
      "(|a)",
      "[]a]",
      "[a-]",
      "\\Q*\\E",
      "\\x41\\x{41}",
      "\\12",
      "a{,3}",
      "\\.",
      "a+?",
      "x".repeat(1024),
    ],
  ])("takes %j", (text) => {
    expect(re2Objection(text)).toBeUndefined();
  });

  it.each([
    ["", "is empty"],
    ["x".repeat(1025), "is longer than 1024 bytes"],
    ["a(?=b)", "looks ahead or behind, which RE2 cannot"],
    ["(?<!a)b", "looks ahead or behind, which RE2 cannot"],
    ["(?>a)", "has an atomic group, which RE2 has not"],
    ["(a)\\1", "refers back to a group, which RE2 cannot"],
    ["a++", "repeats a repetition"],
    ["a**", "repeats a repetition"],
    ["*a", "repeats nothing"],
    ["(a", "has a group that is not closed"],
    ["a)", "closes a group that is not open"],
    ["[a", "has a [ that is not closed, or something wrong within"],
    ["[z-a]", "has a range that goes backwards"],
    ["x{1001}", "repeats more than 1000 times"],
    ["x{3,2}", "repeats from more to less"],
    ["\\e", "has a backslash before something that needs none"],
    ["(?x)a", "has a group of a kind that RE2 has not"],
  ])("refuses %j: it %s", (text, why) => {
    expect(re2Objection(text)).toBe(why);
  });
});
