/** How far the canary goes, and by which steps. */
export type CanaryPlan =
  /** Weight grows by `stepWeight` up to `maxWeight`, in percent; then the new version takes over. */
  | { readonly kind: "steps"; readonly stepWeight: number; readonly maxWeight: number }
  /** The same with steps of one's own, growing, the last one at most 100. */
  | { readonly kind: "stepList"; readonly stepWeights: readonly number[] }
  /** Chosen users alone (A/B), for so many rounds. */
  | { readonly kind: "users"; readonly match: readonly object[]; readonly iterations: number }
  /** Nobody until the checks have passed so many times, then everybody (blue/green). */
  | { readonly kind: "blueGreen"; readonly iterations: number };

/** A measurement that has to stay in its range. Flagger brings the first two along. */
export type CanaryMetric = {
  /** Window of the measurement. Default `1m`. */
  readonly interval?: string;
} & (
  | { /** Share of requests without a 5xx, in percent. */ readonly kind: "successRate"; readonly min: number }
  | { /** 99th percentile, in milliseconds. */ readonly kind: "duration"; readonly max: number }
  | {
      readonly kind: "query";
      readonly name: string;
      /** PromQL that gives one number. */
      readonly query: string;
      readonly min?: number;
      readonly max?: number;
    }
);

/** A call that Flagger makes, as of a load generator. */
export interface CanaryWebhook {
  readonly name: string;
  readonly type:
    | "rollout"
    | "pre-rollout"
    | "post-rollout"
    | "confirm-rollout"
    | "confirm-promotion"
    | "confirm-traffic-increase"
    | "rollback"
    | "event";
  readonly url: string;
  /** Default: Flagger's own, 10s. */
  readonly timeout?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A release by Flagger: flagger.app/v1beta1. */
export interface CanaryArgs {
  /** Also the name of the Services, and of the VirtualService, that Flagger makes. */
  readonly name: string;
  readonly namespace: string;
  readonly target: { readonly kind: "Deployment" | "DaemonSet"; readonly name: string };
  /** Port of the Service that Flagger makes. */
  readonly port: number;
  /** Default: as `port`. */
  readonly targetPort?: number | string;
  /** Default `http`. Its start tells the mesh what is spoken. */
  readonly portName?: string;
  /** Hosts besides the Service itself. Default none. */
  readonly hosts?: readonly string[];
  /** Gateways, `namespace/name` or `mesh`. Default `mesh`. */
  readonly gateways?: readonly string[];
  /** Per request. Default none. */
  readonly timeout?: string;
  readonly retries?: {
    readonly attempts: number;
    readonly perTryTimeout?: string;
    readonly retryOn?: string;
  };
  /** The trafficPolicy of the DestinationRules that Flagger makes. Default none. */
  readonly trafficPolicy?: Readonly<Record<string, unknown>>;
  readonly plan: CanaryPlan;
  /** Time between two checks, and between two steps. Default `1m`. */
  readonly interval?: string;
  /** Failed checks until it is taken back. */
  readonly threshold: number;
  /** At least one: without any, a version goes out unless its pods do not start. */
  readonly metrics: readonly CanaryMetric[];
  /** Default none. */
  readonly webhooks?: readonly CanaryWebhook[];
  /** Seconds until pods that do not start count as failed. Default 600. */
  readonly progressDeadlineSeconds?: number;
  /** Gives traffic back to the target when the canary is deleted. Default true: else the target stays at no pods. */
  readonly revertOnDeletion?: boolean;
}
