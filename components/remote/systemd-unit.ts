/** A value of a unit file; a list repeats the key, as `ExecStartPre=` and `Environment=` allow. */
type UnitValue = string | number | boolean | readonly string[];

/** A systemd unit by section, in systemd's own words. */
export type SystemdUnit = Readonly<Record<string, Readonly<Record<string, UnitValue>>>>;

/** Renders a unit file: sections and keys in the given order, a list as one line per item, `yes`/`no` for booleans. */
export function renderSystemdUnit(unit: SystemdUnit): string {
  const line = (key: string, value: string | number | boolean) => {
    const text = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
    if (/[\r\n]/.test(text)) {
      throw new Error(`systemd unit: ${key} holds a line break, which would start a setting of its own`);
    }
    return `${key}=${text}`;
  };
  const sections = Object.entries(unit).map(([section, settings]) => {
    const lines = Object.entries(settings).flatMap(([key, value]) =>
      typeof value === "object" ? value.map((item) => line(key, item)) : [line(key, value)],
    );
    return [`[${section}]`, ...lines].join("\n");
  });
  return `${sections.join("\n\n")}\n`;
}
