import { beforeAll, describe, expect, it } from "vitest";
import { Destinations, destinations } from "../../../components/traffic/destinations";
import { service } from "../../../components/traffic/handles";
import { headerRoute } from "../../../components/traffic/header-route";
import { HostRoutes } from "../../../components/traffic/host-routes";
import { trafficSplit } from "../../../components/traffic/traffic-split";
import { analysed } from "../../../stacks/analysis";
import { resolvePlatform } from "../../../stacks/config/load";
import { buildPlatform } from "../../../stacks/platform";
import type { TrafficProgram } from "../../../stacks/traffic";
import { placeCharts } from "../../support/charts";
import { capableComputer, sandbox } from "../../support/platforms";
import { record } from "../../support/recorder";

/** The same as in `inConfig`, by the typed components. */
const inTypeScript: TrafficProgram = ({ version, options }) => {
  const reviews = service("reviews", "bookinfo", { http: 9080 });
  const versions = destinations(reviews, { subsets: { v1: { version: "v1" }, v2: { version: "v2" } } });
  const [v1, v2] = [versions.subset("v1"), versions.subset("v2")];
  new Destinations("reviews-versions", { hosts: [versions], version }, options);
  const routes = new HostRoutes("reviews", { host: reviews, version }, options);
  routes.add(
    headerRoute({ name: "jason", host: reviews, header: { "end-user": "jason" }, to: v2, timeout: "2s" }),
  );
  routes.add(
    trafficSplit({
      name: "others",
      host: reviews,
      targets: [
        { to: v1, weight: 90 },
        { to: v2, weight: 10 },
      ],
    }),
  );
  routes.declare();
};

const inConfig = {
  hosts: {
    "reviews.bookinfo": {
      subsets: { v1: { version: "v1" }, v2: { version: "v2" } },
      routes: [
        { name: "jason", match: { headers: { "end-user": "jason" } }, to: "v2", timeout: "2s" },
        {
          name: "others",
          to: [
            { subset: "v1", weight: 90 },
            { subset: "v2", weight: 10 },
          ],
        },
      ],
    },
  },
};

const build = (traffic: object, program?: TrafficProgram) => {
  const config = sandbox(1, { mesh: {}, apps: { bookinfo: {} }, traffic });
  const platform = resolvePlatform(config, "unit", capableComputer);
  return record(() =>
    analysed(platform, () => buildPlatform(platform, program === undefined ? {} : { traffic: program })),
  );
};

type Built = Awaited<ReturnType<typeof build>>;

const routing = ({ resources }: Built) =>
  resources
    .filter(
      ({ type, name }) => type.startsWith("kubernetes:networking.istio.io") && name.endsWith("/reviews"),
    )
    .map(({ type, inputs }) => ({ type, inputs }));

beforeAll(placeCharts);

describe("traffic of a stack", () => {
  it("is the same in TypeScript as in the config", async () => {
    const [typed, said] = [await build({}, inTypeScript), await build(inConfig)];
    expect(routing(said).map(({ type }) => type.split(":").at(-1))).toEqual([
      "DestinationRule",
      "VirtualService",
    ]);
    expect(routing(typed)).toEqual(routing(said));
  });

  it("comes after the mesh and the applications, and goes with the cluster", async () => {
    const recording = await build(inConfig);
    const routes = recording.find("bookinfo/reviews", "kubernetes:networking.istio.io/v1:VirtualService");
    const before = recording.resources
      .filter(({ urn }) => routes.dependencies.includes(urn))
      .map(({ name }) => name);
    expect(before).toContain("bookinfo/reviews-v1");
    expect(before.filter((name) => name.startsWith("worker1-"))).toEqual(["worker1-join"]);
    expect(recording.nameOf(routes.deletedWith)).toBe("cp1-control-plane");
    expect(recording.nameOf(routes.parent)).toBe("host-reviews.bookinfo");
  });

  it("is told in the outputs", async () => {
    const { result } = await build({
      ...inConfig,
      security: {
        peerAuthentications: [{ scope: { kind: "namespace", namespace: "bookinfo" }, mode: "STRICT" }],
      },
    });
    expect(result).toMatchObject({
      traffic: { parts: ["host-reviews.bookinfo", "peer-authentications-bookinfo-default"] },
    });
  });

  it("is refused where two say the routes of one host", async () => {
    await expect(build(inConfig, inTypeScript)).rejects.toThrow(
      /MP0004 DestinationRule bookinfo\/reviews[\s\S]*MP0004 VirtualService bookinfo\/reviews/,
    );
  });
});
