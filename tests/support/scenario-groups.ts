/** What all scenarios together need of the applications. */
export const scenarioApps = {
  bookinfo: {},
  httpbin: { versions: ["v1", "v2"] },
  fortio: {},
  istioLab: {},
  webDemo: {},
  billDemo: {},
};

/** Groups of items; each joins the first one that has room for it, and begins another where none has. */
export function firstFit<T>(items: readonly T[], fits: (group: readonly T[], item: T) => boolean): T[][] {
  const groups: T[][] = [];
  for (const item of items) {
    const room = groups.find((group) => fits(group, item));
    if (room === undefined) groups.push([item]);
    else room.push(item);
  }
  return groups;
}
