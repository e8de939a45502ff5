import { describe, expect, it } from "vitest";
import {
  type ConsistentHashArgs,
  consistentHash,
  renderConsistentHash,
} from "../../../components/traffic/consistent-hash";
import { mergeDestinations, renderDestinations } from "../../../components/traffic/destinations";
import {
  context,
  faultsOf,
  given,
  goRule,
  misfits,
  renderedVersions,
  serviceGo,
  versions,
} from "./destinations-support";

const render = (args: ConsistentHashArgs) => renderConsistentHash({ host: serviceGo, ...args }, context);
const hash = (consistentHash: object) => [goRule({ trafficPolicy: { loadBalancer: { consistentHash } } })];

describe("document 004", () => {
  it("hashes the header x-lb-test", () => {
    const policies = [consistentHash({ httpHeaderName: "x-lb-test" })];
    const rules = renderDestinations({ host: serviceGo, subsets: versions, policies }, context);
    expect(rules).toEqual([
      goRule({
        trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: "x-lb-test" } } },
        subsets: renderedVersions,
      }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });
});

describe("renderConsistentHash", () => {
  it.each<[string, ConsistentHashArgs, object]>([
    ["the caller's address", { useSourceIp: true }, { useSourceIp: true }],
    ["a parameter", { httpQueryParameterName: "user" }, { httpQueryParameterName: "user" }],
    [
      "a cookie that callers bring, on a ring",
      { httpCookie: { name: "session" }, ringHash: { minimumRingSize: 8_388_608 } },
      { httpCookie: { name: "session" }, ringHash: { minimumRingSize: 8_388_608 } },
    ],
    [
      "a cookie that the proxy makes, by a table",
      {
        httpCookie: {
          name: "session",
          path: "/",
          ttl: "0s",
          attributes: [{ name: "SameSite", value: "Lax" }, { name: "HttpOnly" }],
        },
        maglev: {},
      },
      {
        httpCookie: {
          name: "session",
          path: "/",
          ttl: "0s",
          attributes: [{ name: "SameSite", value: "Lax" }, { name: "HttpOnly" }],
        },
        maglev: { tableSize: 65_537 },
      },
    ],
    [
      "a header, by a larger table",
      { httpHeaderName: "x-user", maglev: { tableSize: 4_999_999 } },
      { httpHeaderName: "x-user", maglev: { tableSize: 4_999_999 } },
    ],
  ])("%s", (_, args, block) => {
    expect(faultsOf(() => render(args)).map(({ change }) => change)).toEqual([]);
    expect(render(args)).toEqual(hash(block));
    expect(misfits(render(args))).toEqual([]);
  });

  it.each<[ConsistentHashArgs, readonly string[]]>([
    [{} as ConsistentHashArgs, [': "no key"']],
    [{ useSourceIp: true, httpHeaderName: "x" }, [': "httpHeaderName and useSourceIp"']],
    [{ httpHeaderName: "a b" }, ['httpHeaderName: "a b"']],
    [{ httpQueryParameterName: "" }, ['httpQueryParameterName: ""']],
    [{ httpCookie: { name: "", ttl: "1" } }, ['httpCookie.name: ""', 'httpCookie.ttl: "1"']],
    [
      { httpCookie: { name: "a", attributes: [{ name: "b" }, { name: "" }, { name: "b" }] } },
      ['httpCookie.attributes[1].name: ""', 'httpCookie.attributes[2].name: "b"'],
    ],
    [{ useSourceIp: true, ringHash: { minimumRingSize: 8_388_609 } }, ["ringHash.minimumRingSize: 8388609"]],
    [{ useSourceIp: true, maglev: { tableSize: 5_000_011 } }, ["maglev.tableSize: 5000011"]],
    [{ useSourceIp: true, maglev: { tableSize: 0 } }, ["maglev.tableSize: 0"]],
    [{ useSourceIp: true, maglev: {}, ringHash: {} }, [': "ringHash and maglev"']],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it.each([
    [65_536, 65_537],
    [1000, 1009],
    [25, 29],
    [5_000_003, 4_999_999],
  ])("tells the prime next to a table of %i", (tableSize, next) => {
    expect(faultsOf(() => render({ useSourceIp: true, maglev: { tableSize } }))).toEqual([
      {
        path: "maglev.tableSize",
        given: String(tableSize),
        allowed: "a prime below 5000011",
        change: `write ${next}`,
      },
    ]);
  });

  it("translates the old place of the ring's size", () => {
    const policies = [consistentHash({ useSourceIp: true, minimumRingSize: 2048 })];
    const { objects, findings } = mergeDestinations([{ host: serviceGo, policies }], context);
    expect(objects).toEqual(hash({ useSourceIp: true, ringHash: { minimumRingSize: 2048 } }));
    expect(findings.map(({ code, path }) => [code, path])).toEqual([
      ["MP0581", "spec.trafficPolicy.loadBalancer.consistentHash"],
    ]);
  });
});
