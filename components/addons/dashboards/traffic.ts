import { series } from "../mesh-rules";
import { type Dashboard, figure, graph, line, table } from "./model";

/** Failures through all, over several services: a mean of shares would count a quiet one like a busy one. */
const overall = `(sum(${series.failures}) or vector(0)) / sum(${series.requests})`;
const overallSlowest = `histogram_quantile(0.99, sum by (le) (${series.durations}))`;

export const meshOverview: Dashboard = {
  uid: "mesh-overview",
  title: "Mesh Overview",
  variables: [],
  rows: [
    {
      title: "The whole mesh",
      panels: [
        figure("Requests", "reqps", `sum(${series.requests})`),
        figure("Failed with 5xx", "percentunit", overall),
        figure("99 % answered within", "ms", overallSlowest),
        figure("Rules that speak up", "short", 'count(ALERTS{alertstate="firing"}) or vector(0)'),
      ],
    },
    {
      title: "By service",
      panels: [
        graph("Requests", "reqps", [line(`topk(10, ${series.requests})`, "{{service}}")]),
        graph("Failed with 5xx", "percentunit", [line(`topk(10, ${series.errorRatio})`, "{{service}}")]),
        graph("99 % answered within", "ms", [line(`topk(10, ${series.slowest})`, "{{service}}")]),
        graph("TCP", "Bps", [line(`topk(10, ${series.tcpBytes})`, "{{service}}")]),
        table("Services", "reqps", `sort_desc(${series.requests})`, "{{service}}"),
      ],
    },
    {
      title: "Watched",
      panels: [table("Rules that speak up", "short", 'ALERTS{alertstate="firing"}', "{{alertname}}")],
    },
  ],
};

const service = '{service="$service"}';

export const meshService: Dashboard = {
  uid: "mesh-service",
  title: "Mesh Service",
  variables: [{ name: "service", query: `label_values(${series.requests}, service)` }],
  rows: [
    {
      title: "$service",
      panels: [
        figure("Requests", "reqps", `${series.requests}${service}`),
        figure("Failed with 5xx", "percentunit", `${series.errorRatio}${service}`),
        figure("Half answered within", "ms", `${series.median}${service}`),
        figure("99 % answered within", "ms", `${series.slowest}${service}`),
        graph("Requests", "reqps", [
          line(`${series.requests}${service}`, "all"),
          line(`${series.failures}${service}`, "5xx"),
        ]),
        graph("Answered within", "ms", [
          line(`${series.median}${service}`, "half"),
          line(`${series.slowest}${service}`, "99 %"),
        ]),
        graph("TCP", "Bps", [line(`${series.tcpBytes}${service}`, "both directions")], 24),
      ],
    },
  ],
};

const workload = '{namespace="$namespace", workload="$workload"}';

export const meshWorkload: Dashboard = {
  uid: "mesh-workload",
  title: "Mesh Workload",
  variables: [
    { name: "namespace", query: `label_values(${series.answered}, namespace)` },
    { name: "workload", query: `label_values(${series.answered}{namespace="$namespace"}, workload)` },
  ],
  rows: [
    {
      title: "$namespace/$workload",
      panels: [
        figure("Requests", "reqps", `${series.answered}${workload}`),
        figure("Failed with 5xx", "percentunit", `${series.answeredErrorRatio}${workload}`),
        figure("Half answered within", "ms", `${series.answeredMedian}${workload}`),
        figure("99 % answered within", "ms", `${series.answeredSlowest}${workload}`),
        graph("Requests", "reqps", [line(`${series.answered}${workload}`, "{{workload}}")]),
        graph("Answered within", "ms", [
          line(`${series.answeredMedian}${workload}`, "half"),
          line(`${series.answeredSlowest}${workload}`, "99 %"),
        ]),
      ],
    },
  ],
};
