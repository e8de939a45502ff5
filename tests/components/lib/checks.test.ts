import { describe, expect, it } from "vitest";
import { analyse, defineCheck } from "../../../components/lib/checks";
import { UNKNOWN } from "../../../components/lib/declared";
import { textAt } from "../../../components/lib/fields";
import { external } from "../../../components/lib/object-index";
import type { KubeObject } from "../../../components/lib/objects";

const config = (name: string, colour: unknown, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop", annotations },
  data: { colour },
});

const noRed = defineCheck(
  { X0001: { severity: "error", title: "red" } },
  {
    codes: ["X0001"],
    over: (index) => index.ofKind("ConfigMap"),
    look: (object) =>
      textAt(object, "data.colour") === "red"
        ? [{ code: "X0001", path: "data.colour", message: "it is red", change: "take blue" }]
        : [],
  },
);
const red = {
  code: "X0001",
  severity: "error",
  object: "ConfigMap shop/a",
  path: "data.colour",
  message: "it is red",
  change: "take blue",
};
const suppressed = (text: string) => ({ "mesh-platform/suppress": text });
const path = "metadata.annotations.mesh-platform/suppress";

describe("an analysis", () => {
  it("gives findings the severity of their code", () => {
    expect(analyse([config("a", "red"), config("b", "blue")], [noRed])).toEqual([red]);
  });

  it("works with a check alone, without an index", () => {
    expect(noRed([config("a", "red")])).toEqual([red]);
  });

  it("judges nothing that others make", () => {
    expect(analyse([external(config("a", "red"))], [noRed])).toEqual([]);
  });

  it("says what is not decidable yet", () => {
    expect(analyse([config("a", UNKNOWN)], [noRed, noRed])).toEqual([
      {
        code: "MP0001",
        severity: "info",
        object: "ConfigMap shop/a",
        path: "data.colour",
        message: "X0001 not decidable yet: data.colour is known only after up",
        change: "nothing; or give a plain value, which is checked before anything is made",
      },
    ]);
  });

  it("says so of a whole object without known metadata", () => {
    const vague = { ...config("a", "red"), metadata: UNKNOWN } as unknown as KubeObject;
    expect(analyse([vague], [noRed]).map(({ code, object, path: at }) => [code, object, at])).toEqual([
      ["MP0001", "ConfigMap", "metadata"],
    ]);
  });

  it("lets other errors of a check through", () => {
    const broken = defineCheck(
      {},
      {
        codes: [],
        over: (index) => index.objects,
        look: () => {
          throw new Error("a mistake in a check");
        },
      },
    );
    expect(() => analyse([config("a", "red")], [broken])).toThrow("a mistake in a check");
  });
});

describe("a suppression", () => {
  it("takes out findings of its own object, with a reason", () => {
    const meant = config("a", "red", suppressed("X0001=the sign is red; "));
    expect(analyse([meant], [noRed])).toEqual([]);
    expect(analyse([meant, config("b", "red")], [noRed]).map(({ object }) => object)).toEqual([
      "ConfigMap shop/b",
    ]);
  });

  it.each(["X0001", "X0001=", "X0001 = ", "all=yes"])("without code and reason is an error: %s", (text) => {
    expect(analyse([config("a", "red", suppressed(text))], [noRed])).toEqual([
      {
        code: "MP0002",
        severity: "error",
        object: "ConfigMap shop/a",
        path,
        message: `"${text.trim()}" suppresses nothing: a code and a reason are needed`,
        change: 'write CODE=reason, several with "; " between them',
      },
      red,
    ]);
  });

  it("of something that is not found is an info", () => {
    const text = "X0001=it was red; X0002=never";
    expect(analyse([config("a", "blue", suppressed(text))], [noRed]).map(({ message }) => message)).toEqual([
      "X0001 is suppressed and not found here any more",
      "X0002 is suppressed and not found here any more",
    ]);
  });
});
