import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { resolvePlatform } from "../../../stacks/config/load";
import { capableComputer } from "../../support/platforms";
import { readProjectFile } from "../../support/rendered";
import { faultsOf, objectsOf } from "./support";

/** The examples of a page in YAML, as they stand there. */
const examples = (page: string) =>
  [...readProjectFile(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => parse(text));

describe("the examples of docs/traffic.md", () => {
  const [stack, ...sections] = examples("docs/traffic.md");

  it("are a stack without faults", () => {
    const keys = Object.entries(stack.config as object).map(([key, value]) => [key.split(":")[1], value]);
    const platform = resolvePlatform(Object.fromEntries(keys), "docs", capableComputer);
    expect(platform.tier).toBe("dev");
    const kinds = objectsOf(platform.config.traffic, { apps: platform.config.apps }).map(({ kind }) => kind);
    expect(kinds).toEqual(["DestinationRule", "VirtualService"]);
  });

  it("are sections without faults", () => {
    expect(sections.length).toBe(2);
    for (const section of sections) {
      expect(faultsOf(section)).toEqual([]);
      expect(objectsOf(section).length).toBeGreaterThan(0);
    }
  });
});
