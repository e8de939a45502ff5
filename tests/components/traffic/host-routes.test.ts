import { describe, expect, it } from "vitest";
import { declareObjects } from "../../../components/lib/declare";
import { DelegateRoutes } from "../../../components/traffic/delegate";
import { Fault } from "../../../components/traffic/fault";
import { HeaderRoute, headerRoute } from "../../../components/traffic/header-route";
import { HostRoutes } from "../../../components/traffic/host-routes";
import { forward } from "../../../components/traffic/routes/policy";
import { Timeout } from "../../../components/traffic/timeout";
import { TrafficSplit, trafficSplit } from "../../../components/traffic/traffic-split";
import { record } from "../../support/recorder";
import { shown } from "../../support/recording";
import { context, ratings, reviews, subset } from "./setup";

const VIRTUAL_SERVICE = "kubernetes:networking.istio.io/v1:VirtualService";
const split = trafficSplit({ host: reviews, module: "shop", targets: [{ to: subset(reviews, "v1") }] });
const jason = headerRoute({
  host: reviews,
  module: "tests",
  header: { "end-user": "jason" },
  to: subset(reviews, "v2"),
});

describe("HostRoutes", () => {
  it("declares one VirtualService for what modules add, in whatever order", async () => {
    const program = (...fragments: (typeof split)[]) =>
      record(() => {
        const before = {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "before", namespace: "bookinfo" },
        };
        const dependsOn = declareObjects([before], {});
        const routes = new HostRoutes("reviews", { ...context, host: reviews }, { dependsOn });
        for (const fragment of fragments) routes.add(fragment);
        return routes.declare().length;
      });
    const [one, other] = [await program(split, jason), await program(jason, split)];
    expect(one.result).toBe(1);
    const object = one.find("bookinfo/reviews", VIRTUAL_SERVICE);
    expect(shown(object)).toMatchObject({ spec: { http: [{ name: "header" }, { name: "split" }] } });
    expect(shown(other.find("bookinfo/reviews", VIRTUAL_SERVICE))).toEqual(shown(object));
    expect(one.path("bookinfo/reviews", "bookinfo/before")).toBeDefined();
  });

  it("throws errors with all findings and declares nothing", async () => {
    const { result, names } = await record(() => {
      const routes = new HostRoutes("reviews", { ...context, host: reviews, fragments: [jason] });
      try {
        routes.declare();
      } catch (error) {
        return String(error);
      }
      return "nothing thrown";
    }).then((recording) => ({ result: recording.result, names: recording.names() }));
    expect(result).toContain("error MP0454 VirtualService bookinfo/reviews, spec.http");
    expect(names).not.toContain("bookinfo/reviews");
  });

  it("takes nothing after the end, nothing twice, and nothing of other hosts", async () => {
    const { result } = await record(() => {
      const routes = new HostRoutes("reviews", { ...context, host: reviews, fragments: [split] });
      const other = { ...split, host: ratings };
      const thrown = (action: () => unknown) => {
        try {
          return String(action());
        } catch (error) {
          return String(error);
        }
      };
      const first = thrown(() => routes.add(other));
      routes.declare();
      return [first, thrown(() => routes.add(jason)), thrown(() => routes.declare())];
    });
    expect(result).toEqual([
      "Error: route split is for ratings.bookinfo.svc.cluster.local, and these are the routes of reviews.bookinfo.svc.cluster.local: add it there",
      "Error: routes of reviews.bookinfo.svc.cluster.local are declared already: add before declare()",
      "Error: routes of reviews.bookinfo.svc.cluster.local are declared twice",
    ]);
  });
});

describe("policies as components", () => {
  it("have their objects as children", async () => {
    const recording = await record(() => {
      const to = subset(reviews, "v1");
      new TrafficSplit("split", { ...context, ...split, targets: [{ to }] });
      new HeaderRoute("header", {
        ...context,
        host: ratings,
        header: { a: "b" },
        to: ratings,
        otherwise: ratings,
      });
      new Timeout("timeout", { ...context, host: { ...ratings, name: "slow" }, timeout: "1s" });
      new Fault("fault", {
        ...context,
        host: { ...ratings, name: "bad" },
        fault: { abort: { httpStatus: 500 } },
      });
      const routes = [{ name: "all", host: reviews, action: forward(to) }];
      const { handle } = new DelegateRoutes("team", { ...context, name: "team", namespace: "a", routes });
      return handle;
    });
    expect(recording.result).toMatchObject({ kind: "delegate", name: "team", namespace: "a" });
    const tokens = ["TrafficSplit", "HeaderRoute", "Timeout", "Fault", "DelegateRoutes"].map(
      (name) => `mesh-platform:traffic:${name}`,
    );
    expect(tokens.map((token) => recording.all(token).length)).toEqual([1, 1, 1, 1, 1]);
    expect(recording.all(VIRTUAL_SERVICE).map(({ name }) => name)).toEqual([
      "bookinfo/reviews",
      "bookinfo/ratings",
      "bookinfo/slow",
      "bookinfo/bad",
      "a/team",
    ]);
  });
});
