import { describe, expect, it } from "vitest";
import { renderSystemdUnit } from "../../../components/remote/systemd-unit";

describe("renderSystemdUnit", () => {
  it("writes sections and keys in their order, and a list as one line per item", () => {
    const unit = renderSystemdUnit({
      Unit: { Description: "a test", After: "network.target" },
      Service: {
        Environment: ['"A=1 2"', "B=3"],
        ExecStart: ["", "/usr/bin/test --flag"],
        RestartSec: 5,
        Delegate: true,
        RemainAfterExit: false,
      },
      Install: { WantedBy: "multi-user.target" },
    });
    expect(unit).toBe(`[Unit]
Description=a test
After=network.target

[Service]
Environment="A=1 2"
Environment=B=3
ExecStart=
ExecStart=/usr/bin/test --flag
RestartSec=5
Delegate=yes
RemainAfterExit=no

[Install]
WantedBy=multi-user.target
`);
  });

  it.each(["a\nExecStartPre=/bin/rm", "a\rb"])(
    "refuses a value with a line break, which would be a setting of its own: %j",
    (value) => {
      expect(() => renderSystemdUnit({ Service: { ExecStart: value } })).toThrow(
        "systemd unit: ExecStart holds a line break",
      );
      expect(() => renderSystemdUnit({ Service: { ExecStart: ["/bin/true", value] } })).toThrow(
        "holds a line break",
      );
    },
  );

  it("leaves an empty list out", () => {
    expect(renderSystemdUnit({ Service: { Environment: [], Type: "simple" } })).toBe(
      "[Service]\nType=simple\n",
    );
  });
});
