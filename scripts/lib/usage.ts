/** A mistake of whoever typed the command, or something that has to be there first. Thrown before anything is done. */
export class UsageError extends Error {}
