import { describe, expect, it } from "vitest";
import { compilerSettings } from "../../../components/lib/go-compiler";

const GiB = 1024 ** 3;

describe("settings of Go's compiler", () => {
  it("collect no garbage below a share of the memory for each compiler", () => {
    expect(compilerSettings({}, 24 * GiB, 2)).toEqual({ GOGC: "off", GOMEMLIMIT: String(6 * GiB) });
    expect(compilerSettings({}, 24 * GiB, 8)).toEqual({ GOGC: "off", GOMEMLIMIT: String(1.5 * GiB) });
    expect(compilerSettings({}, 4 * GiB, 1)).toEqual({ GOGC: "off", GOMEMLIMIT: String(GiB) });
  });

  it.each(["GOGC", "GOMEMLIMIT"])("leave it to the user who says %s", (name) => {
    expect(compilerSettings({ [name]: "100" }, 24 * GiB, 2)).toEqual({});
  });
});
