import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileServer, sha256 } from "../support/file-server";
import { ScriptHost } from "../support/script-host";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
});
afterEach(() => host.remove());

describe("place", () => {
  const place = (content: string, mode = "0640") =>
    host.runLines(`printf '%s' "$CONTENT" | place /etc/app/file ${mode} app:app\nfinish\n`, {
      CONTENT: content,
    });

  it("writes content and mode, makes the folder for all to enter, and reports a change", async () => {
    const { code, result, stderr } = await place("one\n");
    expect({ code, result, stderr }).toEqual({ code: 0, result: { changed: "true" }, stderr: "" });
    expect([host.read("/etc/app/file"), host.mode("/etc/app/file"), host.mode("/etc/app")]).toEqual([
      "one\n",
      "640",
      "755",
    ]);
    expect(host.leftovers()).toEqual([]);
  });

  it("leaves an equal file alone and reports none", async () => {
    await place("one\n");
    const before = host.files();
    const { result } = await place("one\n");
    expect(result).toEqual({ changed: "false" });
    expect(host.files()).toEqual(before);
  });

  it.each([
    ["content", "two\n", "0640"],
    ["mode", "one\n", "0600"],
    ["a line break at the end", "one", "0640"],
  ])("replaces a file of another %s", async (_what, content, mode) => {
    await place("one\n");
    const { result } = await place(content, mode);
    expect(result).toEqual({ changed: "true" });
    expect([host.read("/etc/app/file"), `0${host.mode("/etc/app/file")}`]).toEqual([content, mode]);
    expect(host.leftovers()).toEqual([]);
  });

  it("sets mode and owner while the file is still empty and has no name", async () => {
    host.stub("chmod", 'echo "size=$(stat -c %s "$2") of $2" >>"$STATE/sizes"');
    host.stub("chown", 'echo "size=$(stat -c %s "$2") of $2" >>"$STATE/sizes"');
    host.stub("mv", 'cp "$STATE/sizes" "$ROOT/etc/sizes"; exec /bin/mv "$@"');
    const { calls } = await place("secret");
    const temporary = "/etc/app/.mesh-platform.";
    expect(calls).toEqual([
      expect.stringContaining(`chmod 0640 ${temporary}`),
      expect.stringContaining(`chown app:app ${temporary}`),
      expect.stringMatching(/^mv -f \/etc\/app\/\.mesh-platform\.\w{6} \/etc\/app\/file$/),
    ]);
    expect(host.read("/etc/sizes").match(/size=\d+/g)).toEqual(["size=0", "size=0"]);
  });

  it("keeps any content as it is", async () => {
    const content = "'$HOME' `id` \\n \"x\"\n\n  umlaut ü\n\n";
    await place(content);
    expect(host.read("/etc/app/file")).toBe(content);
  });
});

describe("manages", () => {
  /** What a step declares, with the paths as they are on the machine. */
  const declared = async (body: string, parameters: Record<string, string> = {}) => {
    const { code, stdout } = await host.runLines(body, parameters);
    const lines = stdout.replaceAll(host.root, "").trimEnd().split("\n");
    expect([code, lines.pop()?.slice(0, 11)]).toEqual([0, '{"changed":']);
    return lines;
  };
  const digest = sha256("one\n");

  it("prints one line per thing ahead of the result", async () => {
    expect(await declared("manages sysctl net.ipv4.ip_forward 1\nmanages swap off\nfinish\n")).toEqual([
      "manages sysctl net.ipv4.ip_forward 1",
      "manages swap off",
    ]);
  });

  it("keeps a value of several words, or of none, one word", async () => {
    const values = { A: "1024 65535", B: "50% \\ of\tit\nall", C: "" };
    expect(await declared('manages sysctl key "$A" "$B" "$C"\nfinish\n', values)).toEqual([
      "manages sysctl key 1024%2065535 50%25%20%5C%20of%09it%0Aall -",
    ]);
  });

  it("comes with every file, changed or not", async () => {
    const body = "echo one | place /etc/app.conf 0640 app:app\nfinish\n";
    const wanted = [`manages file /etc/app.conf 0640 app:app ${digest}`];
    expect([await declared(body), await declared(body)]).toEqual([wanted, wanted]);
  });

  it("leaves the content of a file open where others write to it too", async () => {
    expect(await declared("echo one | place /etc/hosts 0644 root:root attributes\nfinish\n")).toEqual([
      "manages file /etc/hosts 0644 root:root -",
    ]);
  });

  it("forgets a note that the step itself has removed", async () => {
    const body = "date | place /var/lib/x.started 0644 root:root\nrm /var/lib/x.started\nfinish\n";
    expect(await declared(body)).toEqual([]);
  });

  it("comes with every service and package", async () => {
    host.stub("apt-get");
    host.stub("dpkg-query", 'printf "installed 1.36.3-1.1"');
    expect(await declared("packages curl kubelet=1.36.3\nservice app\nfinish\n")).toEqual([
      "manages package curl -",
      "manages package kubelet 1.36.3",
      "manages unit app enabled active",
    ]);
  });

  it("takes files of other programs as they are, and passes over those that are not there", async () => {
    host.write("/etc/kubernetes/one.yaml", "one\n", 0o600);
    host.stub("stat", "echo '600 root:root'");
    expect(await declared("adopt /etc/kubernetes/one.yaml /etc/kubernetes/two.yaml\nfinish\n")).toEqual([
      `manages adopted /etc/kubernetes/one.yaml 600 root:root ${digest}`,
    ]);
  });

  it("takes its own block of a file, not what is around it", async () => {
    const block = "# mesh-platform: begin\n10.0.0.1 cp1\n# mesh-platform: end\n";
    host.write("/etc/hosts", `127.0.0.1 localhost\n${block}10.0.0.9 other\n`);
    expect(await declared("adopt_block /etc/hosts\nfinish\n")).toEqual([
      `manages block /etc/hosts ${sha256(block)}`,
    ]);
  });
});

describe("finish", () => {
  it("ends with one small object", async () => {
    const { stdout } = await host.runLines("finish version v1.36.3 arch amd64\n");
    expect(stdout).toBe('{"changed":"false","version":"v1.36.3","arch":"amd64"}\n');
  });
});

describe("fail", () => {
  it("ends the step with the message and the code for 'repeating will not help'", async () => {
    const { code, stdout, stderr } = await host.runLines(
      'fail "the disk is full; free some space"\necho never\n',
    );
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d \S+: error: the disk is full; free some space\n$/);
  });

  it("ends it from within a pipeline too", async () => {
    const { code, stdout } = await host.runLines(
      'refuse() { cat >/dev/null; fail "no"; }\necho x | refuse\necho never\n',
    );
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
  });
});

describe("say", () => {
  it("keeps every line short: the provider hangs on a long one", async () => {
    const { stderr } = await host.runLines(`say "$(printf 'x%.0s' {1..5000})"\n`);
    expect(stderr.length).toBeLessThan(600);
    expect(stderr).toContain("x".repeat(500));
  });
});

describe("quietly", () => {
  it("is silent about a command that succeeds", async () => {
    const { code, stdout, stderr } = await host.runLines(
      "quietly bash -c 'echo out; echo err >&2'\nfinish\n",
    );
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout: '{"changed":"false"}\n' });
    expect(host.leftovers()).toEqual([]);
  });

  it("shows the end of what a failing one said, and passes its code on", async () => {
    const { code, stderr } = await host.runLines(
      "quietly bash -c 'seq() { for ((i = 1; i <= 40; i++)); do echo line $i; done; }; seq; exit 9'\n",
    );
    expect(code).toBe(9);
    expect(stderr).toContain("failed (9): bash -c\n");
    expect(stderr).toContain("line 40\n");
    expect(stderr).toContain("line 16\n");
    expect(stderr).not.toContain("line 15\n");
    expect(host.leftovers()).toEqual([]);
  });

  it("cuts long lines", async () => {
    const { stderr } = await host.runLines(`quietly bash -c "printf 'y%.0s' {1..70000}; echo; exit 1"\n`);
    expect(Math.max(...stderr.split("\n").map((line) => line.length))).toBe(400);
  });
});

describe("what a killed step left in /tmp", () => {
  it("goes with the next step, but not what another one is just using", async () => {
    // The highest number that a process can have is 2^22; this one nobody has.
    host.write("/tmp/mesh-platform.4194305.abcdef/etcd.tar.gz", "half of it");
    host.write("/tmp/mesh-platform.4194305.ghijkl", "a log");
    host.write(`/tmp/mesh-platform.${process.pid}.abcdef`, "of a neighbour");
    host.write("/tmp/others", "of somebody else");
    expect((await host.runLines("make_scratch\nfinish\n")).code).toBe(0);
    expect(host.leftovers()).toEqual([`/tmp/mesh-platform.${process.pid}.abcdef`, "/tmp/others"]);
  });
});

describe("poll", () => {
  it("returns as soon as the command succeeds", async () => {
    host.stub("ready", '[ "$(grep -c . "$CALLS")" -ge 3 ]');
    const { code, calls, stdout } = await host.runLines("poll 30 'the thing' ready\nfinish\n");
    expect({ code, calls, stdout }).toEqual({
      code: 0,
      calls: ["ready", "ready", "ready"],
      stdout: '{"changed":"false"}\n',
    });
  });

  it("gives up with what it waited for", async () => {
    host.stub("ready", "exit 1");
    const { code, stderr, calls } = await host.runLines("poll 1 'the thing' ready\nfinish\n");
    expect(code).toBe(1);
    expect(stderr).toContain("gave up after 1s: the thing\n");
    expect(calls.length).toBeGreaterThan(1);
  });
});

describe("service", () => {
  const verbs = (calls: readonly string[]) =>
    calls.filter((call) => /^systemctl (daemon-reload|enable|restart)/.test(call));

  it("enables and starts a unit that is new", async () => {
    const { calls, result } = await host.runLines("service app\nfinish\n");
    expect(verbs(calls)).toEqual(["systemctl enable app", "systemctl restart app"]);
    expect(result).toEqual({ changed: "true" });
  });

  it("leaves a running one alone", async () => {
    await host.runLines("service app\n");
    const { calls, result } = await host.runLines("service app\nfinish\n");
    expect(verbs(calls)).toEqual([]);
    expect(result).toEqual({ changed: "false" });
  });

  it("restarts a running one after a file of it has changed", async () => {
    await host.runLines("service app\n");
    const { calls, result } = await host.runLines(
      "echo new | place /etc/app.conf 0644 root:root\nservice app\nfinish\n",
    );
    expect(verbs(calls)).toEqual(["systemctl daemon-reload", "systemctl restart app"]);
    expect(result).toEqual({ changed: "true" });
  });

  it("shows the unit's log when it does not start", async () => {
    host.stub("journalctl", "echo 'bind: address already in use'");
    host.stub("systemctl", '[ "$1" = enable ]');
    const { code, stderr } = await host.runLines("service app\nfinish\n");
    expect(code).toBe(1);
    expect(stderr).toContain("bind: address already in use\n");
  });
});

/**
 * curl 7.29, as CentOS 7 has it: an option that it does not know ends it with 2. Each call ends as the list says; one
 * that ends well gives the program, or its sum.
 */
const oldCurl = (codes: readonly string[]) => `
for word; do
  case $word in
    --retry | --connect-timeout | --noproxy | -fsSL | -ksS | -m | -o | http* | [0-9]* | /*) ;;
    *) echo "curl: option $word: is unknown" >&2; exit 2 ;;
  esac
done
count=$(cat "$STATE/curls" 2>/dev/null || echo 0)
echo $((count + 1)) >"$STATE/curls"
set -- $((count + 1)) "$@"
code=$(echo "${codes.join(" ")}" | cut -d' ' -f"$1")
[ "$code" = 0 ] || exit "\${code:-99}"
case "$*" in
  *.sha256) echo "${sha256("program")}" ;;
  *) while [ "$1" != -o ]; do shift; done; printf program >"$2" ;;
esac`;

describe("download", () => {
  let server: FileServer;
  beforeEach(async () => {
    server = await FileServer.start();
    host.stub("uname", "case $1 in -m) echo x86_64 ;; *) echo host ;; esac");
  });
  afterEach(() => server.stop());

  const fetch = (sums = "/tool-amd64.sha256") =>
    host.runLines('download "$URL" "$SUMS" /var/lib/tool\nfinish\n', {
      URL: server.url("/tool-@ARCH@"),
      SUMS: server.url(sums),
    });

  it("takes a file whose sum is published alone, for the machine's architecture", async () => {
    server.publish("/tool-amd64", "program");
    const { code } = await fetch("/tool-@ARCH@.sha256");
    expect([code, host.read("/var/lib/tool")]).toEqual([0, "program"]);
    expect(server.asked).toEqual(["/tool-amd64.sha256", "/tool-amd64"]);
  });

  it.each([
    ["plain", (sum: string) => `${sha256("other")}  other\n${sum}  tool-amd64\n`],
    ["binary", (sum: string) => `${sum} *tool-amd64\n${sha256("other")} *tool-arm64\n`],
    // As the releases 1.21 and 1.22 of crictl have it.
    ["rooted", (sum: string) => `${sum} */tool-amd64\n`],
  ])("finds its line in a %s list of sums", async (_kind, list) => {
    server.files["/tool-amd64"] = "program";
    server.files["/SUMS"] = list(sha256("program"));
    expect([(await fetch("/SUMS")).code, host.read("/var/lib/tool")]).toEqual([0, "program"]);
  });

  it("refuses a file that is not the published one, and keeps nothing of it", async () => {
    server.publish("/tool-amd64", "program");
    server.files["/tool-amd64"] = "something else";
    const { code, stderr } = await fetch();
    expect([code, host.has("/var/lib/tool")]).toEqual([78, false]);
    expect(stderr).toContain(
      `error: ${server.url("/tool-amd64")} does not match the sha256 in tool-amd64.sha256\n`,
    );
  });

  it.each([
    ["an empty list", ""],
    ["a list without it", `${sha256("program")}  another-tool\n`],
    ["a page that says something else", "<html>not found</html> here\n"],
  ])("refuses a file by %s", async (_what, list) => {
    server.files["/tool-amd64"] = "program";
    server.files["/SUMS"] = list;
    expect([(await fetch("/SUMS")).code, host.has("/var/lib/tool")]).toEqual([78, false]);
  });

  it("says which address gave nothing", async () => {
    const { code, stderr } = await fetch();
    expect(code).toBe(78);
    expect(stderr).toContain(
      `cannot download ${server.url("/tool-amd64.sha256")}; is artifacts.kind right for this network?`,
    );
    server.files["/tool-amd64.sha256"] = `${sha256("program")}\n`;
    expect((await fetch()).stderr).toContain(`error: cannot download ${server.url("/tool-amd64")}\n`);
  });

  it("waits for an address where nobody answers yet, by options that the oldest curl knows", async () => {
    host.stub("sleep");
    host.stub("curl", oldCurl(["7", "7", "0", "7", "0"]));
    const { code, calls } = await fetch("/tool-@ARCH@.sha256");
    const slept = calls.filter((call) => call.startsWith("sleep "));
    expect([code, slept]).toEqual([0, ["sleep 1", "sleep 2", "sleep 1"]]);
  });

  it("gives up in the end, and at once where trying again is in vain", async () => {
    host.stub("sleep");
    host.stub("curl", oldCurl(Array(6).fill("7")));
    const refused = await fetch();
    expect(refused.stderr).toContain("error: cannot download");
    expect(refused.calls.filter((call) => call.startsWith("curl "))).toHaveLength(6);
    host.stub("curl", oldCurl(["22"]));
    expect((await fetch()).calls.filter((call) => call.startsWith("curl "))).toHaveLength(1);
  });

  it("refuses a processor for which there is nothing", async () => {
    host.stub("uname", "echo riscv64");
    expect((await fetch()).stderr).toContain("error: no artifacts for riscv64\n");
  });
});

describe("packages", () => {
  const verbs = (calls: readonly string[]) => calls.filter((call) => /^(apt-get|dnf|yum)/.test(call));

  describe("on Debian", () => {
    /** dpkg's view: `name status version` per line. */
    const installed = (lines: string) => {
      host.setState("dpkg", lines);
      host.stub("apt-get");
      host.stub(
        "dpkg-query",
        `[ "$3" = '\${db:Status-Status} \${Version}' ] || exit 2
set -- $(grep "^$4 " "$STATE/dpkg" || echo "no such package")
printf '%s %s' "$3" "$4"`,
      );
    };

    it("installs what is missing, in one go", async () => {
      installed("curl install installed 7.88.1-10\n");
      const { calls, result } = await host.runLines("packages curl socat kubelet=1.36.3\nfinish\n");
      expect(verbs(calls)).toEqual([
        "apt-get -o DPkg::Lock::Timeout=300 update",
        "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --allow-change-held-packages socat kubelet=1.36.3-*",
      ]);
      expect(result).toEqual({ changed: "true" });
    });

    it("waits for another apt that reads the lists, and says so", async () => {
      installed("");
      host.stub("sleep");
      host.stub(
        "apt-get",
        `case "$*" in *" update") ;; *) exit 0 ;; esac
count=$(cat "$STATE/updates" 2>/dev/null || echo 0)
echo $((count + 1)) >"$STATE/updates"
[ "$count" -lt 2 ] || exit 0
echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
exit 100`,
      );
      const { code, calls } = await host.runLines("packages socat\nfinish\n");
      const asked = verbs(calls).map((call) => call.split(" ").at(3));
      expect([code, asked]).toEqual([0, ["update", "update", "update", "install"]]);
    });

    it("does not wait for what waiting does not mend", async () => {
      installed("");
      host.stub("apt-get", 'echo "E: The repository is not signed."; exit 100');
      const { code, stderr, calls } = await host.runLines("packages socat\nfinish\n");
      expect([code, verbs(calls).length]).toEqual([78, 1]);
      expect(stderr).toContain("E: The repository is not signed.\n");
      expect(stderr).toContain("error: apt-get update ended with 100; its last lines are above");
    });

    it.each([
      ["installed", "kubelet install installed 1.36.3-1.1\n"],
      ["held, as we leave it", "kubelet hold installed 1.36.3-1.1\n"],
    ])("leaves alone what is there in the version asked for, %s", async (_how, state) => {
      installed(state);
      const { calls, result } = await host.runLines("packages kubelet=1.36.3\nfinish\n");
      expect([verbs(calls), result]).toEqual([[], { changed: "false" }]);
    });

    it.each([
      ["of another version", "kubelet install installed 1.36.2-1.1\n"],
      ["of a version that only starts alike", "kubelet install installed 1.36.30-1.1\n"],
      ["removed with its settings left", "kubelet deinstall config-files 1.36.3-1.1\n"],
      ["unpacked in a run that was cut", "kubelet install half-configured 1.36.3-1.1\n"],
    ])("installs what is %s", async (_how, state) => {
      installed(state);
      const { calls } = await host.runLines("packages kubelet=1.36.3\nfinish\n");
      expect(verbs(calls).at(-1)).toMatch(/ kubelet=1\.36\.3-\*$/);
    });
  });

  describe("on Red Hat", () => {
    it.each(["dnf", "yum"])("asks %s for what rpm does not have", async (manager) => {
      host.stub(manager);
      host.stub("rpm", '[ "$2" = curl ]');
      const { calls, result } = await host.runLines("packages curl kubelet=1.36.3\nfinish\n");
      expect(verbs(calls)).toEqual([
        expect.stringMatching(new RegExp(`^${manager} install -y kubelet-1\\.36\\.3$`)),
      ]);
      expect(calls).toContain("rpm -q kubelet-1.36.3");
      expect(result).toEqual({ changed: "true" });
    });
  });
});

describe("repository", () => {
  const four = [
    "https://m/@ID@/deb/ @CODENAME@ stable",
    "https://m/@ID@/key",
    "https://m/rpm/$releasever",
    "https://m/rpm/key",
  ];
  const add = () =>
    host.runLines('repository mesh-platform-test <<<"$REPOSITORY"\nfinish\n', { REPOSITORY: four });
  beforeEach(() => host.write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n"));

  it("adds the one for apt, signed by its own key", async () => {
    host.stub("apt-get");
    host.stub("dpkg-query", "printf 'installed 2.2.40-1'");
    host.stub("curl", 'for url; do :; done; echo "key from $url"');
    host.stub("gpg", "tr a-z A-Z");
    const { code, stderr } = await add();
    expect([code, stderr]).toEqual([0, ""]);
    expect(host.read("/etc/apt/sources.list.d/mesh-platform-test.list")).toBe(
      host.moved(
        "deb [signed-by=/etc/apt/keyrings/mesh-platform-test.gpg] https://m/debian/deb/ bookworm stable\n",
      ),
    );
    expect(host.read("/etc/apt/keyrings/mesh-platform-test.gpg")).toBe("KEY FROM HTTPS://M/DEBIAN/KEY\n");
  });

  it("adds the one for dnf, leaving its own variables to it", async () => {
    const { code } = await add();
    expect(code).toBe(0);
    expect(host.read("/etc/yum.repos.d/mesh-platform-test.repo")).toBe(
      "[mesh-platform-test]\nname=mesh-platform-test\nbaseurl=https://m/rpm/$releasever\nenabled=1\ngpgcheck=1\ngpgkey=https://m/rpm/key\n",
    );
  });

  it("changes nothing the second time", async () => {
    await add();
    const before = host.files();
    expect((await add()).result).toEqual({ changed: "false" });
    expect(host.files()).toEqual(before);
  });
});
