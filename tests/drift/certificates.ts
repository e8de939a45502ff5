import { spawnSync } from "node:child_process";

/** A certificate that is valid for so many days from now on. */
export function selfSigned(days: number): string {
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /CN=drift -days";
  const { stdout, status, stderr } = spawnSync("openssl", [...words.split(" "), String(days)], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
