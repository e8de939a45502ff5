import { kindCheck } from "../define";
import { type Field, specOf } from "../field";
import { trafficExtensionKind, wasmPluginKind } from "../kinds";
import { Notes } from "../notes";
import { validSelection } from "../security/selection-valid";

function validModule(module: Field, notes: Notes): void {
  const sum = module.at("sha256").text() ?? "";
  if (sum !== "" && !/^[a-f0-9]{64}$/.test(sum))
    notes.refuse(
      module.at("sha256"),
      `${sum.slice(0, 20)} is no SHA-256 sum`,
      "write 64 digits of 0-9 and a-f",
    );
  const names = module
    .at("vmConfig", "env")
    .items()
    .map((env) => env.at("name").text() ?? "");
  if (new Set(names).size < names.length)
    notes.refuse(module.at("vmConfig", "env"), "a variable stands twice", "keep it once");
}

/** What Istio's webhook refuses or warns of in a WasmPlugin and a TrafficExtension. */
export const validExtension = kindCheck(
  ["IST0106", "IST0133"],
  [wasmPluginKind, trafficExtensionKind],
  (object) => {
    const notes = new Notes();
    const spec = specOf(object);
    validSelection(spec, notes);
    validModule(object.kind === "WasmPlugin" ? spec : spec.at("wasm"), notes);
    const code = spec.at("lua", "inlineCode").text();
    if (code !== undefined && Buffer.byteLength(code) > 65_536)
      notes.refuse(spec.at("lua", "inlineCode"), "more than 64 KiB of Lua", "shorten it");
    return notes.drafts;
  },
);
