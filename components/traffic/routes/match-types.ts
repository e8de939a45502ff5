/** How a text has to be. A plain text stands for `exact`. */
export type TextMatch =
  | string
  | { readonly exact: string }
  | { readonly prefix: string }
  /** RE2, matched against all of it. */
  | { readonly regex: string };

/** How a header or a parameter has to be: also merely there. */
export type ValueMatch = TextMatch | { readonly present: true };

/**
 * How a path has to be, without its query. `prefix` goes by characters, so `/rate` takes `/ratings` too; `segments` goes by
 * whole names between slashes: `/rate` and what is below it.
 */
export type PathMatch = TextMatch | { readonly segments: string };

/** Conditions on a request, all of which have to hold. Without any it takes every request. */
export interface HttpMatch {
  readonly uri?: PathMatch;
  /** Default false: upper and lower case differ. Not for `regex`. */
  readonly ignoreUriCase?: boolean;
  readonly scheme?: TextMatch;
  /** `GET`, `POST`, … */
  readonly method?: TextMatch;
  /** The host that the client asks for, with its port if it names one. */
  readonly authority?: TextMatch;
  /** By header; a claim of a checked token as `@request.auth.claims.NAME`, at gateways alone. */
  readonly headers?: Readonly<Record<string, ValueMatch>>;
  /** Headers that must not be so. */
  readonly withoutHeaders?: Readonly<Record<string, ValueMatch>>;
  readonly queryParams?: Readonly<Record<string, ValueMatch>>;
  /** Port that the request was sent to. Default: any. */
  readonly port?: number;
  /** Labels of the pods that send. In sidecars alone. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Namespace of the pods that send. In sidecars alone. */
  readonly sourceNamespace?: string;
  /** Where the proxy counts what this took, beside its other metrics. Default: not apart. */
  readonly statPrefix?: string;
}
