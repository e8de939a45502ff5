import { describe, expect, it, vi } from "vitest";
import { readInvocation, requireKnownOptions, withWords } from "../../scripts/lib/invocation";

describe("the words behind npm run", () => {
  it.each([
    ["--stack lab", ["up", "--stack", "lab"]],
    ["--stack=lab", ["up", "--stack=lab"]],
    ["-s lab", ["up", "-s", "lab"]],
    ["-slab", ["up", "-slab"]],
    ["the last of two", ["up", "-s", "dev", "--stack", "lab"]],
    ["before the command", ["--stack", "lab", "up"]],
  ])("name a stack: %s", (_form, words) => {
    const invocation = readInvocation(words);
    expect(invocation.option("stack")).toBe("lab");
    expect(invocation.operation).toBe("up");
    expect(invocation.words).toEqual(words);
  });

  it("take no value of an option for the command", () => {
    expect(readInvocation(["-C", "up", "--message", "destroy", "preview"]).command).toBe("preview");
  });

  it("keep our own flag from Pulumi", () => {
    const invocation = readInvocation(["up", "--create", "--diff"]);
    expect(invocation.option("create")).toBe(true);
    expect(withWords(invocation, ["--stack", "x"])).toEqual(["up", "--stack", "x", "--diff"]);
  });

  it.each([
    [["config", "set", "x"], true],
    [["stack", "output"], true],
    [["stack", "ls"], false],
    [["stack", "select", "dev"], false],
    [["version"], false],
  ])("%j is about a stack: %s", (words, about) => {
    expect(readInvocation(words)).toMatchObject({ aboutStack: about, operation: undefined });
  });
});

describe("options of an operation", () => {
  const help = ["Flags:", "  -y, --yes       Skip", "      --brandnew strings   New"].join("\n");

  it("are not looked up where the table has them", async () => {
    const helpOf = vi.fn();
    await requireKnownOptions(readInvocation(["up", "-y", "--refresh=true", "-rtrue", "--diff"]), helpOf);
    expect(helpOf).not.toHaveBeenCalled();
  });

  it("may be ones that only a newer CLI has", async () => {
    const helpOf = vi.fn(async () => help);
    await requireKnownOptions(readInvocation(["up", "--brandnew", "x"]), helpOf);
    expect(helpOf).toHaveBeenCalledWith("up");
  });

  it("are refused all at once, with what was meant", async () => {
    const words = ["up", "--brandneww", "--ctreate", "--zzzzzz"];
    await expect(requireKnownOptions(readInvocation(words), async () => help)).rejects.toThrow(
      [
        "pulumi up has no option --brandneww. Did you mean --brandnew?",
        "pulumi up has no option --ctreate. Did you mean --create?",
        "pulumi up has no option --zzzzzz.",
        "What there is: npm run up -- --help",
      ].join("\n"),
    );
  });

  it("of other commands are Pulumi's own affair", async () => {
    const helpOf = vi.fn();
    await requireKnownOptions(readInvocation(["stack", "export", "--brandneww"]), helpOf);
    expect(helpOf).not.toHaveBeenCalled();
  });
});
