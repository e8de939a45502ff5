/** How much is sent, and how fast. */
export interface Load {
  readonly requests: number;
  /** Connections that send at once, each one request after the other. */
  readonly connections: number;
  /** Requests per second of all together. Default: as fast as answers come. */
  readonly qps?: number;
  /** Milliseconds after which the client gives up a request. Default 30000. */
  readonly timeoutMs?: number;
}

/** Who answers. */
export interface Target {
  /** `reviews.bookinfo`: name and namespace of the Service. */
  readonly service: string;
  /** Label `version` of the pods. Default: whichever. */
  readonly version?: string;
}

/** Some of the requests, and how they end. */
export interface ExpectedShare {
  /** Default: no application is reached; a proxy answers by itself. */
  readonly to?: Target;
  readonly status: number;
  /** Part of all requests, 0 to 1. */
  readonly share: number;
  /** Milliseconds that a fault holds each of them back. Default 0. */
  readonly delayMs?: number;
  /** How often each of them comes to the application, with retries. Default: not said. */
  readonly tries?: number;
}

/** How the requests are shared out. All shares together are 1. */
export interface SharesExpectation {
  readonly kind: "shares";
  readonly shares: readonly ExpectedShare[];
  /** Copies that others get, as a part of the requests. Default: nobody. */
  readonly copies?: readonly { readonly to: Target; readonly share: number }[];
  /** Path that applications see. Default: that of the request. */
  readonly path?: string;
  /** What a document prints for it. Default: nothing. */
  readonly document?: Measured;
}

/**
 * Each value of the header in a run of its own has to meet one pod alone, whichever; other values may meet others.
 * Without a header in the request nothing sticks.
 */
export interface StickyExpectation {
  readonly kind: "sticky";
  /** What the hash is made of. */
  readonly header: string;
  readonly values: readonly string[];
  readonly service: string;
}

/** Something that has to hold of the rows of a table, whatever machine it was measured on. */
export type ShapeProperty =
  /** The share of the status does not fall from row to row, but by `slack` percent of the requests (default 2). */
  | { readonly kind: "rises"; readonly slack?: number }
  /** The status makes up more than nothing of row `row`; counted from 0. */
  | { readonly kind: "some"; readonly row: number }
  /** It makes up from `min` to `max` percent of row `row`. */
  | { readonly kind: "between"; readonly row: number; readonly min: number; readonly max: number }
  /** A counter of the client's proxy, for the Service, has risen by `min` or more after all rows. */
  | { readonly kind: "counter"; readonly counter: string; readonly min: number };

/** The requests of one load by status: what the document measured on a machine of its own, in percent. */
export type Measured = Readonly<Record<number, number>>;

/** What depends on the machine: figures of a document, and what has to hold of ours. */
export interface ShapeExpectation {
  readonly kind: "shape";
  /** The Service that is called: `service-go.istio-lab`. */
  readonly service: string;
  /** Status that the properties are about. */
  readonly status: number;
  /** Statuses that may occur. */
  readonly statuses: readonly number[];
  /** The document's figures, one for each load; undefined where it prints none. */
  readonly document: readonly (Measured | undefined)[];
  readonly holds: readonly ShapeProperty[];
}

export type Expectation = SharesExpectation | StickyExpectation | ShapeExpectation;
