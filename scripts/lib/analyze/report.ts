import { countFindings, type Finding, renderFinding } from "../../../components/lib/findings";
import type { YamlFault } from "../../../components/lib/yaml-text";
import { codes } from "./codes";
import type { Position } from "./position";

/** A finding with its place, if its object was read from a file. */
export interface Located {
  readonly finding: Finding;
  readonly position: Position | undefined;
}

const placeOf = ({ position }: Located) =>
  position === undefined ? "" : `${position.file}:${position.line}:${position.column}: `;

/** For people: each finding with its place, and the count. */
export const textReport = (located: readonly Located[]): string =>
  [
    ...located.map((one) => `${placeOf(one)}${renderFinding(one.finding)}\n`),
    `${countFindings(located.map(({ finding }) => finding))}`,
  ].join("\n");

/** For programs: a list of findings with file, line and column, and one of what could not be read. */
export const jsonReport = (located: readonly Located[], unread: readonly YamlFault[] = []): string =>
  JSON.stringify(
    {
      findings: located.map(({ finding, position }) => ({
        ...finding,
        ...(position === undefined
          ? {}
          : { file: position.file, line: position.line, column: position.column }),
      })),
      ...(unread.length === 0 ? {} : { unread }),
    },
    undefined,
    2,
  );

const levels = { error: "error", warning: "warning", info: "note" } as const;

const uriOf = (file: string) =>
  file
    .split(/[\\/]/)
    .map((part) => encodeURIComponent(part))
    .join("/");

/** What could not be read, as SARIF says what a tool itself met. */
const notificationOf = ({ file, line, column, message }: YamlFault) => ({
  level: "error",
  message: { text: `${message}.` },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(file) },
        ...(line === 0 ? {} : { region: { startLine: line, startColumn: column } }),
      },
    },
  ],
});

/** For code scanning: SARIF 2.1.0. */
export function sarifReport(located: readonly Located[], unread: readonly YamlFault[] = []): string {
  const places = new Map(codes.map(({ code }, place) => [code, place]));
  const rules = codes.map(({ code, severity, titles }) => ({
    id: code,
    shortDescription: { text: titles.join("; ") },
    defaultConfiguration: { level: levels[severity] },
  }));
  const results = located.map(({ finding, position }) => ({
    ruleId: finding.code,
    ruleIndex: places.get(finding.code) ?? -1,
    level: levels[finding.severity],
    message: { text: `${finding.object}: ${finding.message}. Change: ${finding.change}.` },
    locations: [
      {
        ...(position === undefined
          ? {}
          : {
              physicalLocation: {
                artifactLocation: { uri: uriOf(position.file) },
                region: { startLine: position.line, startColumn: position.column },
              },
            }),
        logicalLocations: [
          { fullyQualifiedName: `${finding.object} ${finding.path}`.trim(), kind: "member" },
        ],
      },
    ],
  }));
  const driver = {
    name: "mesh-platform analyze",
    rules,
  };
  return JSON.stringify(
    {
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
      runs: [
        {
          tool: { driver },
          columnKind: "utf16CodeUnits",
          ...(unread.length === 0
            ? {}
            : {
                invocations: [
                  { executionSuccessful: true, toolExecutionNotifications: unread.map(notificationOf) },
                ],
              }),
          results,
        },
      ],
    },
    undefined,
    2,
  );
}
