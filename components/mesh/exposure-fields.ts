type Filled<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without fields that are undefined or an empty object: a chart or the API server would take them for a setting. */
export function filled<T extends object>(fields: T): Filled<T> {
  const isEmpty = (value: unknown) =>
    value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value))) as Filled<T>;
}
