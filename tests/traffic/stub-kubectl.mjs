#!/usr/bin/env node
// A kubectl that answers from a folder: objects.json, pods.json, fortio.json, and what a proxy says before and after
// fortio was called. What it is asked goes to `calls`.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.STUB_FOLDER;
const args = process.argv.slice(4);
const read = (name) => readFileSync(join(folder, name), "utf8");
const print = (value) => process.stdout.write(typeof value === "string" ? value : JSON.stringify(value));
const idOf = ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`;
const kinds = ["namespaces", "services", "deployments.apps", "virtualservices.networking.istio.io"];

appendFileSync(join(folder, "calls"), `${args.join(" ")}\n`);
const [verb, what] = args;
const command = args.slice(args.indexOf("--") + 1);
if (verb === "api-resources") print(kinds.join("\n"));
else if (verb === "get" && what === "-f") {
  const wanted = JSON.parse(readFileSync(0, "utf8")).items.map(idOf);
  print({
    kind: "List",
    items: JSON.parse(read("objects.json")).filter((one) => wanted.includes(idOf(one))),
  });
} else if (verb === "get" && what === "pods") print({ items: JSON.parse(read("pods.json")) });
else if (verb === "get" && what === "configmap") print("");
else if (verb === "get") print({ items: JSON.parse(read("objects.json")) });
else if (verb === "exec" && command[0] === "fortio") {
  writeFileSync(join(folder, "sent"), "");
  print(read("fortio.json"));
} else if (verb === "exec") {
  const when = existsSync(join(folder, "sent")) ? "after" : "before";
  print(
    command.at(-1).startsWith("stats?")
      ? read(`${when}-stats.txt`)
      : command.at(-1) === "clusters"
        ? read(`${when}-clusters.txt`)
        : "",
  );
} else {
  process.stderr.write(`error: nobody expects ${args.join(" ")}\n`);
  process.exitCode = 1;
}
