import { type Catalogue, type Draft, defineCheck } from "../lib/checks";
import { itemsAt, mapAt, numberAt, textAt } from "../lib/fields";
import type { Check } from "../lib/findings";
import type { ObjectIndex } from "../lib/object-index";
import { type KubeObject, titleOf } from "../lib/objects";
import { slbSetting } from "./aliyun-slb";

export const slbCodes = {
  MP0321: { severity: "info", title: "listeners of a shared load balancer are replaced" },
  MP0322: { severity: "warning", title: "listeners of a given load balancer are left as they are" },
  MP0323: { severity: "error", title: "two Services want one listener of a load balancer" },
} as const satisfies Catalogue;

type Code = keyof typeof slbCodes;

const settingOf = (service: KubeObject, name: string) =>
  textAt(service, "spec.type") === "LoadBalancer"
    ? slbSetting(mapAt(service, "metadata.annotations"), name)
    : undefined;

const listenersOf = (service: KubeObject) =>
  itemsAt(service, "spec.ports").flatMap((path) => numberAt(service, `${path}.port`) ?? []);

/** What happens to listeners that the instance already has. */
function ownership(service: KubeObject, id: string): Draft<Code> {
  const ports = listenersOf(service).join(", ");
  return settingOf(service, "force-override-listeners") === "true"
    ? {
        code: "MP0321",
        path: "metadata.annotations",
        message: `listeners ${ports} of ${id} become this Service's: what others have set up on them (backends, certificates, rules) is lost, and does not come back when the Service is deleted`,
        change: `nothing, if nobody else uses these ports of ${id}; else take other ports or a load balancer of its own`,
      }
    : {
        code: "MP0322",
        path: "metadata.annotations",
        message: `listeners that ${id} has on ${ports} stay as they are: traffic comes here only if they were made for this Service`,
        change:
          "say forceOverrideListeners: true if they may be replaced, or set the listeners up by hand and suppress this",
      };
}

/** Services before this one with the same instance and port. */
function shared(service: KubeObject, id: string, index: ObjectIndex): Draft<Code>[] {
  const all = index.ofKind("Service");
  const others = all.slice(0, all.indexOf(service)).filter((other) => settingOf(other, "id") === id);
  return listenersOf(service).flatMap((port, place) =>
    others
      .filter((other) => listenersOf(other).includes(port))
      .map((other) => ({
        code: "MP0323" as const,
        path: `spec.ports[${place}].port`,
        message: `${titleOf(other)} has the listener ${port} of ${id} too: each run of the controller takes it from the other`,
        change: "give one of them another port or another load balancer",
      })),
  );
}

/** What Services do to load balancers that are named by id, and that others may use as well. */
export const aliyunSlbCheck: Check = defineCheck(slbCodes, {
  codes: ["MP0321", "MP0322", "MP0323"],
  over: (index) => index.ofKind("Service"),
  look: (service, index) => {
    const id = settingOf(service, "id");
    return id === undefined ? [] : [ownership(service, id), ...shared(service, id, index)];
  },
});
