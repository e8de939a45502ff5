import { showLabels, titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, note, others, put } from "../define";
import { specOf } from "../field";
import { workloadEntryKind, workloadGroupKind } from "../kinds";
import { isAddress, isName, Notes } from "../notes";

/** What Istio's webhook refuses or warns of for machines outside the cluster. */
export const validWorkload = kindCheck(
  ["IST0106", "IST0133"],
  [workloadEntryKind, workloadGroupKind],
  (object) => {
    const notes = new Notes();
    const spec = specOf(object);
    if (object.kind === "WorkloadEntry") {
      const address = spec.at("address").text() ?? "";
      const network = spec.at("network").text() ?? "";
      if (address === "" && network !== "")
        notes.warn(spec, `no address in the network ${network}`, "add the address");
      if (address !== "" && !address.startsWith("unix://") && !isAddress(address) && !isName(address)) {
        notes.refuse(spec.at("address"), `${address} is neither a name nor an address`, "write one of them");
      }
      return notes.drafts;
    }
    const probe = spec.at("probe");
    const methods = ["httpGet", "tcpSocket", "exec", "grpc"];
    if (probe.given && !methods.some((name) => probe.at(name).given))
      notes.refuse(probe, "a probe that asks nothing", "give it httpGet, tcpSocket, exec or grpc");
    if (probe.at("exec").given && probe.at("exec", "command").items().length === 0)
      notes.refuse(probe.at("exec"), "no command", "add one");
    return notes.drafts;
  },
);

/** The identity that machines of a group get. */
export const existingAccount = kindCheck(["KIA1701"], [workloadGroupKind], (group, index) => {
  const at = specOf(group).at("template", "serviceAccount");
  const name = at.text() ?? "";
  const namespace = namespaceOf(group);
  if (name === "" || name === "default" || index.find("ServiceAccount", namespace, name) !== undefined)
    return [];
  if (!index.owns(namespace)) return [];
  return [
    note(
      "KIA1701",
      at,
      `there is no ServiceAccount ${namespace}/${name}: machines cannot join`,
      "declare it, or correct the name",
    ),
  ];
});

const byLabels = (index: ObjectIndex) =>
  gather(
    index,
    "workload groups",
    [workloadGroupKind],
    () => new Map<string, string[]>(),
    (all, group) => {
      const labels = specOf(group).at("metadata", "labels").labels();
      if (Object.keys(labels).length > 0)
        put(all, `${namespaceOf(group)} ${showLabels(labels)}`, titleFor(group));
    },
  ).entries;

export const ownLabels = kindCheck(["KIA1702"], [workloadGroupKind], (group, index) => {
  const at = specOf(group).at("metadata", "labels");
  const labels = showLabels(at.labels());
  const names =
    labels === ""
      ? ""
      : others(byLabels(index).get(`${namespaceOf(group)} ${labels}`) ?? [], titleFor(group));
  if (names === "") return [];
  return [
    note(
      "KIA1702",
      at,
      `${names} has the same labels: nobody can tell their machines apart`,
      "give each a label of its own",
    ),
  ];
});
