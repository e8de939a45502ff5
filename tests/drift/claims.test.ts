import { describe, expect, it } from "vitest";
import { type Claim, claimsOf, kinds, renderList, settle } from "../../scripts/lib/drift/claims";
import { projectFiles, readProjectFile } from "../support/rendered";

const claim = (kind: string, subject: string, fields: string[] = [], step = "cp1-prepare"): Claim => ({
  kind,
  subject,
  fields,
  step,
});

describe("claims", () => {
  it("are the lines of a step's output that begin with the word", () => {
    const stdout = [
      "something else",
      "manages file /etc/a 0644 root:root abc",
      "manages sysctl net.ipv4.ip_local_port_range 1024%2065535",
      "manages swap off",
      "manages module overlay",
      '{"changed":"false"}',
    ].join("\n");
    expect(claimsOf(stdout, "cp1-prepare")).toEqual([
      claim("file", "/etc/a", ["0644", "root:root", "abc"]),
      claim("sysctl", "net.ipv4.ip_local_port_range", ["1024 65535"]),
      claim("swap", "", ["off"]),
      claim("module", "overlay"),
    ]);
  });

  it.each(["manages cloud x", "manages file /etc/a 0644", "manages swap", "manages constructor x"])(
    "of another form are refused: %s",
    (line) => {
      expect(() => claimsOf(line, "cp1-prepare")).toThrow(
        `cp1-prepare declares what drift does not know: ${line}`,
      );
    },
  );

  it("survive the way to the host and back", () => {
    const claims = [claim("sysctl", "a b", ["50% \\ x\ty"]), claim("selinux", "", ["disabled"])];
    expect(renderList(claims)).toBe("sysctl a%20b 50%25%20%5C%20x%09y\nselinux - disabled");
  });
});

describe("of two claims on one thing", () => {
  it("the later one wins", () => {
    const late = claim("unit", "kubelet", ["enabled", "active"], "cp1-init");
    expect(
      settle([
        claim("unit", "kubelet", ["enabled", "-"]),
        claim("unit", "etcd", ["enabled", "active"]),
        late,
      ]),
    ).toEqual([claim("unit", "etcd", ["enabled", "active"]), late]);
  });

  it("a path is one thing, whoever made it and be it there or not", () => {
    const absent = claim("absent", "/etc/a");
    expect(settle([claim("file", "/etc/a", ["0644", "root:root", "1"]), absent])).toEqual([absent]);
    const adopted = claim("adopted", "/etc/a", ["644", "root:root", "2"]);
    expect(settle([absent, adopted])).toEqual([adopted]);
  });

  it("a file, its block and its certificate are three", () => {
    const three = [
      claim("file", "/etc/a", ["0644", "root:root", "-"]),
      claim("block", "/etc/a", ["1"]),
      claim("certificate", "/etc/a", ["2027-01-01T00:00:00Z"]),
    ];
    expect(settle(three)).toEqual(three);
  });

  it("a file that a later step uses up is nobody's any more", () => {
    expect(settle([claim("file", "/etc/a", ["0600", "root:root", "1"]), claim("forget", "/etc/a")])).toEqual(
      [],
    );
  });
});

describe("the kinds", () => {
  const scripts = projectFiles(["components", "stacks"], (path) => path.endsWith(".sh"));
  const declared = scripts.flatMap((path) =>
    [...readProjectFile(path).matchAll(/(?:^|[;&|{]|then|do)\s*manages ([a-z]\S*)/gm)].map(([, kind]) => [
      kind,
      path,
    ]),
  );

  it("are all known that scripts declare", () => {
    expect(declared.length).toBeGreaterThan(4);
    expect(declared.filter(([kind]) => !Object.hasOwn(kinds, kind ?? ""))).toEqual([]);
  });

  it("are all looked at", () => {
    const probe = readProjectFile("scripts/drift/probe.sh");
    const looked = [...probe.matchAll(/^ {4}([a-z |]+)\) /gm)].flatMap(
      ([, names]) => names?.split(" | ") ?? [],
    );
    const wanted = Object.keys(kinds).filter((kind) => kind !== "forget");
    expect(wanted.filter((kind) => !looked.includes(kind))).toEqual([]);
  });

  it("are all on the page", () => {
    const page = readProjectFile("docs/drift.md");
    expect(Object.keys(kinds).filter((kind) => !page.includes(`\`${kind}`))).toEqual([]);
  });
});
