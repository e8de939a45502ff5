import { headerRoute } from "../header-route";
import { mergeRoutes } from "../routes/merge";
import { forward } from "../routes/policy";
import { trafficSplit } from "../traffic-split";
import { serviceOf, target } from "./places";
import { all, meshRun, shares } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

const needs = { webDemo: {}, fortio: {} } as const;

/** One name in front, and two Services that it can stand for. */
const sites = (context: ScenarioContext) => ({
  host: serviceOf("webDemo", "web-svc", context),
  tomcat: serviceOf("webDemo", "tomcat-svc", context),
  httpd: serviceOf("webDemo", "httpd-svc", context),
});

const split: Scenario = {
  name: "web-split",
  title: "web-svc: 80 % tomcat, 20 % httpd",
  source: "document 002, experiment 1; its Services find no pods as printed (docs/apps.md)",
  shows: "weights between Services, without subsets",
  hazards: [],
  needs,
  render: (context) => {
    const { host, tomcat, httpd } = sites(context);
    const targets = [
      { to: tomcat, weight: 80 },
      { to: httpd, weight: 20 },
    ];
    return [...mergeRoutes([trafficSplit({ host, targets })], context).objects];
  },
  runs: (context) => {
    const { host, tomcat, httpd } = sites(context);
    const expected = shares([
      { to: target(tomcat), status: 200, share: 0.8 },
      { to: target(httpd), status: 200, share: 0.2 },
    ]);
    return [meshRun("everybody", host, {}, expected, context)];
  },
};

const zyx: Scenario = {
  name: "web-zyx",
  title: "web-svc: zyx gets tomcat, everybody else httpd",
  source: "document 002, experiment 2; the second destination is missing in print, its run shows httpd",
  shows: "a route by header between Services",
  hazards: [],
  needs,
  render: (context) => {
    const { host, tomcat, httpd } = sites(context);
    return [
      ...mergeRoutes(
        [
          headerRoute({ host, name: "zyx", header: { "end-user": "zyx" }, to: tomcat }),
          { name: "others", host, action: forward(httpd) },
        ],
        context,
      ).objects,
    ];
  },
  runs: (context) => {
    const { host, tomcat, httpd } = sites(context);
    return [
      meshRun("zyx", host, { headers: { "end-user": "zyx" } }, all(target(tomcat)), context),
      meshRun("others", host, {}, all(target(httpd)), context),
    ];
  },
};

/** httpd and tomcat behind one name. */
export const webDemo: readonly Scenario[] = [split, zyx];
