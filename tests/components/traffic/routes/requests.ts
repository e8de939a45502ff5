import type { Request } from "./random";

type Text = Readonly<Record<string, string>>;
type ByName = Readonly<Record<string, Text>>;

/** A match of a VirtualService, read again from the object. */
export interface RenderedMatch {
  readonly uri?: Text;
  readonly ignoreUriCase?: boolean;
  readonly method?: Text;
  readonly headers?: ByName;
  readonly withoutHeaders?: ByName;
  readonly queryParams?: ByName;
  readonly port?: number;
  readonly sourceLabels?: Text;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
}

export interface RenderedRoute {
  readonly name: string;
  readonly match?: readonly RenderedMatch[];
  readonly route: readonly { readonly destination: { readonly host: string } }[];
}

function fitsText(text: Text, value: string | undefined, absent = false): boolean {
  if (value === undefined) return absent;
  if (text.exact !== undefined) return value === text.exact;
  if (text.prefix !== undefined) return value.startsWith(text.prefix);
  return text.regex === undefined || new RegExp(`^(?:${text.regex})$`).test(value);
}

/** Whether a request fits a match, as istiod translates it: no source where gateways are named. */
export function fits(match: RenderedMatch, request: Request): boolean {
  const fold = (text: string) => (match.ignoreUriCase ? text.toLowerCase() : text);
  const uri = Object.fromEntries(Object.entries(match.uri ?? {}).map(([how, text]) => [how, fold(text)]));
  const source =
    match.gateways !== undefined
      ? match.gateways.includes(request.gateway)
      : request.gateway === "mesh"
        ? Object.entries(match.sourceLabels ?? {}).every(([name, value]) => request.labels[name] === value) &&
          (match.sourceNamespace ?? request.namespace) === request.namespace
        : Object.keys(match.sourceLabels ?? {}).length === 0 && match.sourceNamespace === undefined;
  const all = (conditions: ByName = {}, values: Text) =>
    Object.entries(conditions).every(([name, text]) => fitsText(text, values[name]));
  return (
    source &&
    (match.port ?? request.port) === request.port &&
    (match.uri === undefined || fitsText(uri, fold(request.path))) &&
    (match.method === undefined || fitsText(match.method, request.method)) &&
    all(match.headers, request.headers) &&
    all(match.queryParams, request.query) &&
    Object.entries(match.withoutHeaders ?? {}).every(([name, text]) => !fitsText(text, request.headers[name]))
  );
}

/** The first route that takes a request. */
export const routeFor = (routes: readonly RenderedRoute[], request: Request): RenderedRoute | undefined =>
  routes.find(({ match }) => match === undefined || match.some((one) => fits(one, request)));
