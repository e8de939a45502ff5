import { showYamlFault, type YamlFault } from "../../../components/lib/yaml-text";
import type { Loaded, Unread } from "./load";

/** How many files of folders are told one by one. */
const SHOWN = 10;

const oneLine = ({ file, line, column, message }: YamlFault) =>
  `${line === 0 ? file : `${file}:${line}:${column}`}: left out: ${message}`;

/** A named file that cannot be read with the line that is wrong; of those in folders a line each, the first ones. */
export function remarksOnUnread(unread: readonly Unread[]): string[] {
  const named = unread.filter((one) => one.named).map(({ fault }) => showYamlFault(fault));
  const found = unread.filter((one) => !one.named).map(({ fault }) => oneLine(fault));
  const rest = found.length - SHOWN;
  const more = rest > 0 ? [`and ${rest} more that cannot be read; --output json lists all of them`] : [];
  return [...named, ...found.slice(0, SHOWN), ...more];
}

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

/** `3 objects in 2 files; 1 document is left out: it cannot be read`: what a run has looked at. */
export function summary(judged: number, { files, passedOver, unread }: Loaded): string {
  return [
    `${judged} objects in ${files} files`,
    ...(passedOver === 0 ? [] : [`${passedOver} documents are no objects of Kubernetes`]),
    ...(unread.length === 0
      ? []
      : [
          count(
            unread.length,
            "document is left out: it cannot be read",
            "documents are left out: they cannot be read",
          ),
        ]),
  ].join("; ");
}
