import { type Dashboard, figure, graph, line, table } from "./model";

const istiod = '{job="istiod"}';

export const meshControlPlane: Dashboard = {
  uid: "mesh-control-plane",
  title: "Mesh Control Plane",
  variables: [],
  rows: [
    {
      title: "istiod",
      panels: [
        figure("Answering", "short", `sum(up${istiod})`),
        figure("Proxies connected", "short", "sum(pilot_xds)"),
        figure(
          "Rejected by proxies, last hour",
          "short",
          "sum(increase(pilot_total_xds_rejects[1h])) or vector(0)",
        ),
        figure(
          "Days left of the root certificate",
          "d",
          "(min(citadel_server_root_cert_expiry_timestamp > 0) - time()) / 86400",
        ),
      ],
    },
    {
      title: "Configuration on its way",
      panels: [
        graph("Pushes", "short", [line("sum by (type) (rate(pilot_xds_pushes[5m]))", "{{type}}")]),
        graph("Changes reach the proxies within", "s", [
          line(
            "histogram_quantile(0.5, sum by (le) (rate(pilot_proxy_convergence_time_bucket[5m])))",
            "half",
          ),
          line(
            "histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket[5m])))",
            "99 %",
          ),
        ]),
        graph("Errors", "short", [
          line("sum(rate(pilot_total_xds_internal_errors[5m]))", "of istiod"),
          line("sum by (type) (rate(pilot_total_xds_rejects[5m]))", "rejected {{type}}"),
          line("sum(rate(galley_validation_failed[5m]))", "refused at the webhook"),
        ]),
        graph("What is known", "short", [
          line("sum(pilot_services)", "services"),
          line("sum(pilot_virt_services)", "VirtualServices"),
        ]),
      ],
    },
    {
      title: "Means",
      panels: [
        graph("CPU", "cores", [line(`rate(process_cpu_seconds_total${istiod}[5m])`, "{{pod}}")]),
        graph("Memory", "bytes", [line(`process_resident_memory_bytes${istiod}`, "{{pod}}")]),
        table(
          "Versions",
          "short",
          'count by (component, tag) (istio_build{component!="agent"})',
          "{{component}} {{tag}}",
        ),
      ],
    },
  ],
};

const proxy = '{container="istio-proxy"}';

export const meshPerformance: Dashboard = {
  uid: "mesh-performance",
  title: "Mesh Performance",
  variables: [],
  rows: [
    {
      title: "Proxies, by their own account",
      panels: [
        figure("Proxies", "short", 'count(up{job="mesh-proxies"} == 1)'),
        figure("Memory of all", "bytes", "sum(envoy_server_memory_allocated)"),
        figure("Connections of all", "short", "sum(envoy_server_total_connections)"),
        figure("Youngest", "s", "min(envoy_server_uptime)"),
        graph("Memory", "bytes", [line("topk(10, envoy_server_memory_allocated)", "{{namespace}}/{{pod}}")]),
        graph("Worker threads", "short", [
          line("topk(10, envoy_server_concurrency)", "{{namespace}}/{{pod}}"),
        ]),
      ],
    },
    {
      title: "Proxies, as the kubelets see them",
      panels: [
        graph("CPU", "cores", [
          line(
            `topk(10, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total${proxy}[5m])))`,
            "{{namespace}}/{{pod}}",
          ),
        ]),
        graph("Memory", "bytes", [
          line(
            `topk(10, sum by (namespace, pod) (container_memory_working_set_bytes${proxy}))`,
            "{{namespace}}/{{pod}}",
          ),
        ]),
        graph(
          "CPU for a thousand requests per second",
          "cores",
          [
            line(
              `sum(rate(container_cpu_usage_seconds_total${proxy}[5m])) / (sum(workload:mesh_requests:rate5m) / 1000)`,
              "all proxies",
            ),
          ],
          24,
        ),
      ],
    },
  ],
};
