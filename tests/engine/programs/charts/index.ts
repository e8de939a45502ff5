/** A chart, rendered before there is a cluster. The environment says what it is told. */
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { chartProvider, renderChart } from "../../../../components/lib/chart";

const { VALUE = "one", KUBE_VERSION = "1.29.3", CHART = "chart", EXTRA = "" } = process.env;

async function render() {
  if (EXTRA !== "") {
    const jsonOpts = JSON.stringify({ chart: "chart", path: __dirname, release_name: "r", [EXTRA]: true });
    return pulumi.runtime.invoke("kubernetes:helm:template", { jsonOpts }, { provider: chartProvider() });
  }
  return renderChart({
    chart: { path: path.join(__dirname, CHART), name: "demo" },
    releaseName: "release",
    namespace: "space",
    values: { value: { text: VALUE, list: [1, null] } },
    kubeVersion: KUBE_VERSION,
    apiVersions: ["example.com/v1/Widget"],
  });
}

module.exports = async () => ({ objects: JSON.stringify(await render()) });
