import { describe, expect, it } from "vitest";
import {
  countFindings,
  type Finding,
  orderFindings,
  renderFinding,
  renderFindings,
} from "../../../components/lib/findings";
import { FindingsError, refuse } from "../../../components/lib/refusal";

const finding = (more: Partial<Finding> = {}): Finding => ({
  code: "MP0101",
  severity: "error",
  object: "Deployment shop/cart",
  path: "spec.template",
  message: "two proxies",
  change: "take one out",
  ...more,
});
const warning = finding({ severity: "warning", code: "MP0108" });
const info = finding({ severity: "info", code: "IST0118" });

describe("findings", () => {
  it("have one order, whatever order they come in, and each once", () => {
    const other = finding({ object: "Deployment blog/web" });
    const later = finding({ code: "MP0105" });
    const wanted = [other, finding(), later, warning, info];
    expect(orderFindings([info, later, finding(), warning, other, finding()])).toEqual(wanted);
    expect(orderFindings([...wanted].reverse())).toEqual(wanted);
  });

  it("have one text form", () => {
    expect(renderFinding(finding())).toBe(
      "error MP0101 Deployment shop/cart, spec.template\n  two proxies\n  change: take one out",
    );
    expect(renderFindings([])).toBe("");
    expect(renderFinding(finding({ path: "" }))).toMatch(/^error MP0101 Deployment shop\/cart\n/);
  });

  it.each([
    [[], "no findings"],
    [[info], "1 info"],
    [[finding(), finding({ code: "MP0105" }), warning, info, info], "2 errors, 1 warning, 2 info"],
  ])("are counted", (findings, text) => {
    expect(countFindings(findings)).toBe(text);
  });
});

describe("refusing", () => {
  it("throws once, with all errors, and lists the rest before", () => {
    const shown: string[] = [];
    const log = { warning: (text: string) => shown.push(text), info: (text: string) => shown.push(text) };
    const errors = [finding(), finding({ code: "MP0105" })];
    expect(() => refuse([info, warning, ...errors], log)).toThrow(
      new FindingsError([...errors, warning, info]),
    );
    expect(shown).toEqual([renderFinding(warning), renderFinding(info)]);
  });

  it("says how many there are and how to keep one that is meant", () => {
    const { message } = new FindingsError([finding(), warning]);
    expect(message).toBe(
      "The declared objects have 1 error, 1 warning:\n\n" +
        `${renderFinding(finding())}\n\n` +
        'Where one is meant, annotate its object with mesh-platform/suppress: "CODE=reason".',
    );
  });

  it("lets warnings pass, also without anyone to tell", () => {
    expect(() => refuse([warning, info])).not.toThrow();
  });
});
