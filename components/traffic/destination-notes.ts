import type { BlockName } from "./destination-policy";
import type { Note } from "./destination-site";

/** What is told of levels that take something away from the one above. */

export const completedNote = (path: string, port: number, lost: readonly BlockName[]): Note => ({
  code: "MP0582",
  path,
  message: `the settings of port ${port} would take away ${lost.join(", ")} of the level above; these were written into them`,
  change: "nothing; or wish for them at the port too",
});

/** @param forGood Whether some of it cannot be said for a port at all. */
export const takenNote = (
  path: string,
  port: number,
  taken: readonly BlockName[],
  forGood: boolean,
): Note => ({
  code: "MP0583",
  path,
  message: `the level above does not hold for port ${port}: without effect there are ${taken.join(", ")}`,
  change: forGood ? "wish for all ports what is wished for this one" : 'say portSettings: "complete"',
});

export const lostNote = (path: string, subset: string, name: BlockName, lost: readonly string[]): Note => ({
  code: "MP0584",
  path,
  message: `${name} of subset ${subset} takes the place of the host's, of which ${lost.join(", ")} no longer holds there`,
  change: "say these for the subset too, or leave out its own",
});
