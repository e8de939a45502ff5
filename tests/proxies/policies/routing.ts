import { expect } from "vitest";
import { renderCors } from "../../../components/traffic/cors";
import { delegate, delegateHandle, renderDelegateRoutes } from "../../../components/traffic/delegate";
import { renderDirectResponse } from "../../../components/traffic/direct-response";
import { renderFault } from "../../../components/traffic/fault";
import { renderGatewayGrpcRoute } from "../../../components/traffic/gateway-grpc-route";
import { renderGatewayHttpRoute } from "../../../components/traffic/gateway-http-route";
import { external } from "../../../components/traffic/handles";
import { headerRoute, renderHeaderRoute } from "../../../components/traffic/header-route";
import { renderHeaders } from "../../../components/traffic/headers";
import { renderMethodRoute } from "../../../components/traffic/method-route";
import { renderMirror } from "../../../components/traffic/mirror";
import { pathRoute, renderPathRoute } from "../../../components/traffic/path-route";
import { renderQueryRoute } from "../../../components/traffic/query-route";
import { renderRedirect } from "../../../components/traffic/redirect";
import { renderRetry } from "../../../components/traffic/retry";
import { renderRewrite } from "../../../components/traffic/rewrite";
import { mergeRoutes } from "../../../components/traffic/routes/merge";
import { forward } from "../../../components/traffic/routes/policy";
import { renderSourceRoute } from "../../../components/traffic/source-route";
import { renderTimeout } from "../../../components/traffic/timeout";
import { renderTrafficSplit } from "../../../components/traffic/traffic-split";
import { until } from "../harness/processes";
import {
  a,
  answering,
  answersFrom,
  ask,
  b,
  context,
  front,
  frontGateway,
  type Row,
  subsetsOfA,
  workload,
} from "./world";

const host = a.args.host;
const [v1, v2] = [a.subset("v1"), a.subset("v2")];
const withSubsets = (objects: () => readonly object[]) => () => [...subsetsOfA(), ...(objects() as [])];

export const routing: readonly Row[] = [
  {
    policy: "traffic-split",
    does: "sends all to weight 100, and nothing to weight 0",
    objects: withSubsets(() =>
      renderTrafficSplit(
        {
          host,
          targets: [
            { to: v1, weight: 0 },
            { to: v2, weight: 100 },
          ],
        },
        context,
      ),
    ),
    check: (mesh) => answersFrom(mesh, "a-v2"),
  },
  {
    policy: "header-route",
    does: "takes a user's requests apart",
    objects: withSubsets(() =>
      renderHeaderRoute({ host, header: { "end-user": "jason" }, to: v2, otherwise: v1 }, context),
    ),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v2", { headers: { "end-user": "jason" } });
      await answersFrom(mesh, "a-v1", { headers: { "end-user": "luffy" } });
    },
  },
  {
    policy: "path-route",
    does: "goes by whole names between slashes",
    objects: withSubsets(() =>
      renderPathRoute({ host, uri: { segments: "/rate" }, to: v2, otherwise: v1 }, context),
    ),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v2", { path: "/rate/1" });
      await answersFrom(mesh, "a-v1", { path: "/ratings" });
    },
  },
  {
    policy: "method-route",
    does: "goes by the method",
    objects: withSubsets(() => renderMethodRoute({ host, method: "POST", to: v2, otherwise: v1 }, context)),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v2", { method: "POST" });
      await answersFrom(mesh, "a-v1");
    },
  },
  {
    policy: "query-route",
    does: "goes by a parameter",
    objects: withSubsets(() =>
      renderQueryRoute({ host, queryParams: { beta: "1" }, to: v2, otherwise: v1 }, context),
    ),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v2", { path: "/?beta=1" });
      await answersFrom(mesh, "a-v1", { path: "/?beta=10" });
    },
  },
  {
    policy: "source-route",
    does: "takes a caller by its labels",
    objects: withSubsets(() =>
      renderSourceRoute({ host, sourceLabels: { app: "client" }, to: v2, otherwise: v1 }, context),
    ),
    check: (mesh) => answersFrom(mesh, "a-v2"),
  },
  {
    policy: "rewrite",
    does: "changes path and host",
    objects: () =>
      renderRewrite(
        {
          host,
          match: { uri: { exact: "/rate" } },
          rewrite: { uri: "/ratings", authority: "b" },
          otherwise: host,
        },
        context,
      ),
    check: async (mesh) => {
      const { seen } = await ask(mesh, { path: "/rate?x=1" });
      expect([seen?.path, seen?.headers.host]).toEqual(["/ratings?x=1", "b"]);
    },
  },
  {
    policy: "redirect",
    does: "sends elsewhere",
    objects: () => renderRedirect({ host, redirect: { authority: "away.test", redirectCode: 302 } }, context),
    check: async (mesh) => {
      const { status, headers } = await ask(mesh, { path: "/x" });
      expect([status, headers.location]).toEqual([302, "http://away.test/x"]);
    },
  },
  {
    policy: "direct-response",
    does: "answers itself",
    objects: () =>
      renderDirectResponse({ host, response: { status: 503, body: { string: "closed" } } }, context),
    check: async (mesh) => {
      const { status, body } = await ask(mesh);
      expect([status, body]).toEqual([503, "closed"]);
    },
  },
  {
    policy: "mirror",
    does: "copies every request",
    objects: withSubsets(() => renderMirror({ host, to: v1, mirrors: [{ to: v2 }] }, context)),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v1", { path: "/copied" });
      const { log } = mesh.application(workload("a-v2"));
      const copies = await until("three copies", async () => (log.length === 3 ? log : undefined), 5);
      expect(copies.map(({ path, headers }) => [path, headers.host])).toEqual(
        Array.from({ length: 3 }, () => ["/copied", "a"]),
      );
    },
  },
  {
    policy: "fault",
    does: "delays and aborts every request",
    objects: () =>
      renderFault({ host, fault: { delay: { fixedDelay: "300ms" }, abort: { httpStatus: 418 } } }, context),
    check: async (mesh) => {
      const begin = Date.now();
      expect((await ask(mesh)).status).toBe(418);
      // Envoy's clock and this one differ by a little.
      expect(Date.now() - begin).toBeGreaterThanOrEqual(290);
    },
  },
  {
    policy: "timeout",
    does: "answers 504 to what takes longer",
    objects: () => renderTimeout({ host, timeout: "200ms" }, context),
    check: async (mesh) => {
      expect((await ask(mesh, { headers: { "x-wait": "3000" } })).status).toBe(504);
      expect((await ask(mesh)).status).toBe(200);
    },
  },
  {
    policy: "retry",
    does: "tries again as often as it says",
    objects: () =>
      renderRetry({ host: b, retries: { attempts: 3, retryOn: ["5xx"], backoff: "5ms" } }, context),
    check: async (mesh) => {
      const { status } = await ask(mesh, { to: "b", headers: { "x-answer": "503" } });
      const { log } = mesh.application(workload("b-v1"));
      expect([status, log.length]).toEqual([503, 4]);
    },
  },
  {
    policy: "cors",
    does: "answers preflights",
    objects: () =>
      renderCors(
        { host, corsPolicy: { allowOrigins: ["http://x.test"], allowMethods: ["PUT"], maxAge: "60s" } },
        context,
      ),
    check: async (mesh) => {
      const headers = { origin: "http://x.test", "access-control-request-method": "PUT" };
      const answer = await ask(mesh, { method: "OPTIONS", headers });
      const { "access-control-allow-origin": origin, "access-control-allow-methods": methods } =
        answer.headers;
      expect([answer.status, origin, methods, answer.seen]).toEqual([200, "http://x.test", "PUT", undefined]);
    },
  },
  {
    policy: "headers",
    does: "changes headers both ways",
    objects: () =>
      renderHeaders(
        {
          host,
          headers: {
            request: { set: { "x-set": "1" }, remove: ["x-gone"] },
            response: { add: { "x-told": "2" }, remove: ["x-application"] },
          },
        },
        context,
      ),
    check: async (mesh) => {
      const { headers, body } = await ask(mesh, { headers: { "x-gone": "1", "x-set": "0" } });
      const seen = JSON.parse(body).headers;
      expect([seen["x-set"], seen["x-gone"], headers["x-told"], headers["x-application"]]).toEqual([
        "1",
        undefined,
        "2",
        undefined,
      ]);
    },
  },
  {
    policy: "delegate",
    does: "leaves a part of the paths to another namespace",
    objects: withSubsets(() => {
      const part = { name: "part", namespace: "istio-system" };
      const routes = [pathRoute({ host, uri: { prefix: "/a/b" }, to: v2 })];
      const root = [
        delegate({ host, match: { uri: { prefix: "/a" } }, to: delegateHandle(part) }),
        headerRoute({ name: "rest", host, to: v1 }),
      ];
      return [...renderDelegateRoutes({ ...part, routes }, context), ...mergeRoutes(root, context).objects];
    }),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v2", { path: "/a/b/c" });
      await answersFrom(mesh, "a-v1", { path: "/a" });
    },
  },
  {
    policy: "host-routes",
    does: "puts routes of several modules into one order",
    objects: withSubsets(
      () =>
        mergeRoutes(
          [
            { name: "all", module: "one", host, action: forward(v1) },
            headerRoute({ name: "tester", module: "two", host, header: { "end-user": "t" }, to: v2 }),
          ],
          context,
        ).objects,
    ),
    check: async (mesh) => {
      await answersFrom(mesh, "a-v2", { headers: { "end-user": "t" } });
      await answersFrom(mesh, "a-v1");
    },
  },
  {
    policy: "path-route",
    does: "holds at a gateway for its host, and for no other",
    objects: withSubsets(() => [
      frontGateway,
      ...renderPathRoute(
        {
          host: external("shop.example.com"),
          gateways: [front],
          uri: { prefix: "/" },
          to: v2,
          port: "http",
          settings: { namespace: "shop" },
        },
        context,
      ),
    ]),
    check: async (mesh) => {
      const { seen } = await mesh.askGateway(80, { headers: { host: "shop.example.com" } });
      expect(seen?.workload).toBe(workload("a-v2"));
      expect((await mesh.askGateway(80, { headers: { host: "other.example.com" } })).status).toBe(404);
    },
  },
  {
    policy: "gateway-http-route",
    does: "is the twin of a header route",
    objects: () =>
      renderGatewayHttpRoute(
        {
          routes: [
            headerRoute({ name: "to-b", host, header: { "x-b": "1" }, to: b, port: "http" }),
            { name: "rest", host, action: forward(host, "http") },
          ],
        },
        context,
      ),
    check: async (mesh) => {
      await answersFrom(mesh, "b-v1", { headers: { "x-b": "1" } });
      expect(await answering(mesh, 20)).toEqual(["a-v1", "a-v2"]);
    },
  },
  {
    policy: "gateway-grpc-route",
    does: "goes by the call of a gRPC request, sent over HTTP/1.1",
    objects: () =>
      renderGatewayGrpcRoute(
        {
          routes: [
            { name: "say", host, match: { uri: { exact: "/shop.Echo/Say" } }, action: forward(b, "http") },
            { name: "rest", host, action: forward(host, "http") },
          ],
        },
        context,
      ),
    check: async (mesh) => {
      const call = { method: "POST", headers: { "content-type": "application/grpc" } };
      await answersFrom(mesh, "b-v1", { ...call, path: "/shop.Echo/Say" });
      expect(await answering(mesh, 20, { ...call, path: "/shop.Echo/Ask" })).toEqual(["a-v1", "a-v2"]);
    },
  },
];
