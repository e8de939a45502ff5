import { titleFor } from "./fields";
import type { Finding } from "./findings";
import { isExternal } from "./object-index";
import type { KubeObject } from "./objects";

/** An object's findings that are meant: `IST0118=an old client needs this name; MP0107=moved next week`. */
export const suppressAnnotation = "mesh-platform/suppress";

const path = `metadata.annotations.${suppressAnnotation}`;

interface Suppression {
  readonly object: string;
  readonly text: string;
  /** Empty where the text is no CODE=reason. */
  readonly code: string;
}

/** What an object asks to be left out. */
function suppressionsOf(object: KubeObject): Suppression[] {
  const text: unknown = object.metadata.annotations?.[suppressAnnotation];
  if (typeof text !== "string") return [];
  return text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => ({
      object: titleFor(object),
      text: part,
      code: /^([A-Z]+\d+)\s*=\s*\S/.exec(part)?.[1] ?? "",
    }));
}

const faulty = ({ object, text }: Suppression): Finding => ({
  code: "MP0002",
  severity: "error",
  object,
  path,
  message: `"${text}" suppresses nothing: a code and a reason are needed`,
  change: 'write CODE=reason, several with "; " between them',
});

const unused = ({ object, code }: Suppression): Finding => ({
  code: "MP0003",
  severity: "info",
  object,
  path,
  message: `${code} is suppressed and not found here any more`,
  change: `take ${code} out of the annotation`,
});

/**
 * Takes out the findings that their own object suppresses, and adds what is wrong with the suppressions.
 *
 * @param elsewhere Codes that somebody else looks for. Whether they are found cannot be said here, so that none of
 * their suppressions is called unused.
 */
export function suppress(
  objects: readonly KubeObject[],
  findings: readonly Finding[],
  elsewhere: readonly string[] = [],
): Finding[] {
  const all = objects.filter((object) => !isExternal(object)).flatMap(suppressionsOf);
  if (all.length === 0) return [...findings];
  const key = (object: string, code: string) => `${object}\n${code}`;
  const wanted = new Set(all.map(({ object, code }) => key(object, code)));
  const found = new Set(findings.map(({ object, code }) => key(object, code)));
  return [
    ...findings.filter(({ object, code }) => !wanted.has(key(object, code))),
    ...all.filter(({ code }) => code === "").map(faulty),
    ...all
      .filter(({ object, code }) => code !== "" && !elsewhere.includes(code) && !found.has(key(object, code)))
      .map(unused),
  ];
}
