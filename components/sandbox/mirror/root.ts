import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const users = [
  "root:x:0:0:root:/root:/bin/sh",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  "nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin",
];

/** What no container needs; `ss` would want Kerberos libraries. */
const trimmed = [
  ..."doc man locale info lintian bash-completion bug".split(" ").map((name) => `usr/share/${name}`),
  "usr/bin/ss",
  "usr/sbin/arpd",
  // Conversions between character sets: 8 MB that nobody calls.
  "usr/lib/x86_64-linux-gnu/gconv",
  "usr/lib/aarch64-linux-gnu/gconv",
];

/** Does what the packages' own scripts would have done, as far as an image needs it. */
export function finishRoot(root: string): void {
  mergeUsr(root);
  for (const path of trimmed) rmSync(join(root, path), { recursive: true, force: true });
  for (const dir of ["dev", "proc", "sys", "run", "root", "var", "etc/ssl/certs", "tmp"]) {
    mkdirSync(join(root, dir), { recursive: true });
  }
  chmodSync(join(root, "tmp"), 0o1777);
  write(root, "etc/passwd", users);
  write(root, "etc/group", ["root:x:0:", "nogroup:x:65534:", "nonroot:x:65532:"]);
  write(root, "etc/nsswitch.conf", ["passwd: files", "group: files", "hosts: files dns"]);
  bundleCertificates(root);
  chooseNft(root);
  linkApplets(root);
}

/**
 * /bin and its like become links into /usr. Packages of bookworm still ship
 * files in both places, and a link needs an empty spot.
 */
function mergeUsr(root: string): void {
  for (const dir of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", dir), { recursive: true });
    if (lstatSync(join(root, dir), { throwIfNoEntry: false })?.isDirectory()) {
      cpSync(join(root, dir), join(root, "usr", dir), { recursive: true, verbatimSymlinks: true });
      rmSync(join(root, dir), { recursive: true });
    }
    symlinkSync(`usr/${dir}`, join(root, dir));
  }
}

/** One file of all authorities, where Go and OpenSSL look for it. */
function bundleCertificates(root: string): void {
  const dir = join(root, "usr/share/ca-certificates/mozilla");
  const all = readdirSync(dir)
    .sort()
    .map((name) => readFileSync(join(dir, name), "utf8").trimEnd());
  write(root, "etc/ssl/certs/ca-certificates.crt", all);
  rmSync(join(root, "usr/share/ca-certificates"), { recursive: true });
}

/** Debian's alternatives, set to nft: the rules that bookworm's own iptables writes on the host. */
function chooseNft(root: string): void {
  if (!existsSync(join(root, "usr/sbin/xtables-nft-multi"))) return;
  mkdirSync(join(root, "etc/alternatives"), { recursive: true });
  for (const family of ["iptables", "ip6tables", "ebtables", "arptables"]) {
    for (const verb of ["", "-save", "-restore"]) {
      symlinkSync(`/usr/sbin/${family}-nft${verb}`, join(root, "etc/alternatives", family + verb));
      symlinkSync(`/etc/alternatives/${family}${verb}`, join(root, "usr/sbin", family + verb));
    }
  }
}

/** busybox under the name of every command that no package brought. */
function linkApplets(root: string): void {
  const busybox = join(root, "usr/bin/busybox");
  if (!existsSync(busybox)) return;
  const there = new Set(["bin", "sbin"].flatMap((dir) => readdirSync(join(root, "usr", dir))));
  for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    if (!there.has(applet)) symlinkSync("busybox", join(root, "usr/bin", applet));
  }
}

function write(root: string, path: string, lines: string[]): void {
  writeFileSync(join(root, path), `${lines.join("\n")}\n`);
}
