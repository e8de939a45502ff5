import type { Outcome } from "../../../components/traffic/simulate";
import { targetPort } from "../harness/cast";
import type { Answer } from "../harness/web";
import { headerNames } from "./values";

const watched = [...headerNames.map((name) => name.toLowerCase()), "x-new", "x-more"];

/** Header values as one text: applications get several of a name joined. */
const shown = (headers: Readonly<Record<string, string | string[] | undefined>>): string =>
  watched
    .map((name) => {
      const value = headers[name];
      return `${name}=${value === undefined ? "-" : [value].flat().join(",").replaceAll(", ", ",")}`;
    })
    .join(" ");

/** What is not as predicted; nothing where all is. */
export function differences(outcome: Outcome, answer: Answer): string[] {
  const { status, seen } = answer;
  const possible = outcome.results.filter(({ probability }) => probability > 0);
  const real = `${status} from ${seen === undefined ? "a proxy" : `${seen.workload} port ${seen.port}`}`;
  const predicted = possible.map((result) =>
    result.workload === undefined || result.attempts === 0
      ? `${result.status} from a proxy`
      : `${result.status} from ${result.workload} port ${targetPort(result.port ?? 0)}`,
  );
  const found: string[] = [];
  if (!predicted.includes(real)) found.push(`${real}, predicted ${predicted.join(" or ")}`);
  else if (seen !== undefined) {
    const got = `${seen.headers.host} ${seen.path} ${shown(seen.headers)}`;
    const told = outcome.delivered.map(
      ({ authority, path, headers }) => `${authority} ${path} ${shown(headers)}`,
    );
    if (!told.includes(got)) found.push(`the application sees ${got}, predicted ${told.join(" or ")}`);
  } else if (status >= 300 && status < 400 && answer.headers.location !== outcome.location)
    found.push(`location ${answer.headers.location}, predicted ${outcome.location}`);
  return found;
}
