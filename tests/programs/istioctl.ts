import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { program } from "../support/programs";

interface Message {
  readonly code: string;
  readonly origin?: string;
}

/** What istioctl finds in files: codes with objects, as `IST0101 VirtualService default/reviews`. */
export async function analyze(files: readonly string[]): Promise<readonly string[]> {
  const args = [
    "analyze",
    "--use-kube=false",
    "--all-namespaces",
    "--ignore-unknown",
    "-o",
    "json",
    ...files,
  ];
  // It fails where it finds errors, and says what it found all the same.
  const { stdout } = await promisify(execFile)(program("istioctl"), args).catch(
    (error) => error as { stdout: string },
  );
  // Before its findings it may tell of objects that it cannot read, with brackets of their own.
  const found = /^\[\]?\n[\s\S]*/m.exec(stdout)?.[0] ?? "[]";
  const messages = JSON.parse(found.slice(0, found.lastIndexOf("]") + 1)) as Message[];
  // It names no namespace where the file names none.
  const place = (origin: string) => (origin.includes("/") ? origin : origin.replace(" ", " default/"));
  return [...new Set(messages.map(({ code, origin = "" }) => `${code} ${place(origin)}`))].sort();
}
