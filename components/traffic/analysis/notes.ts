import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { note, type TrafficDraft } from "./define";
import { milliseconds } from "./duration";
import type { Field } from "./field";

/** Takes what a validation finds: refusals of Istio (IST0106) and its warnings (IST0133). */
export class Notes {
  readonly drafts: TrafficDraft[] = [];

  refuse(at: Field, message: string, change: string): void {
    this.drafts.push(note("IST0106", at, message, change));
  }

  warn(at: Field, message: string, change: string): void {
    this.drafts.push(note("IST0133", at, message, change));
  }

  /** Refuses a duration that Istio does not take; absent ones pass. */
  duration(at: Field): void {
    const text = at.text();
    const ms = text === undefined ? undefined : milliseconds(text);
    // What is no duration at all, or shorter than 1ms, the schema tells.
    if (ms !== undefined && ms >= 1 && !Number.isInteger(ms)) {
      this.refuse(at, `${text} is finer than Istio counts`, "round it to whole milliseconds");
    }
  }

  percent(at: Field): void {
    const value = at.number();
    if (value !== undefined && (value < 0 || value > 100)) {
      this.refuse(at, `${value} is no percentage`, "write 0 to 100");
    }
  }

  /** Where an object may be seen. */
  exportTo(object: KubeObject, at: Field, none: boolean): void {
    const own = namespaceOf(object);
    const places = at.texts().map((text) => (text === "." ? own : text));
    if (new Set(places).size < places.length) this.refuse(at, "a namespace stands twice", "keep it once");
    if (places.includes("*") && places.length > 1) {
      this.refuse(at, "* beside others: it is all of them already", "keep * alone, or the others");
    }
    if (places.includes("~") && (!none || places.length > 1)) {
      this.refuse(at, "~ means nobody, and is for a ServiceEntry that stands alone", "take it away");
    }
    for (const place of places) {
      if (!/^[*~]$/.test(place) && !isLabel(place)) this.refuse(at, `${place} is no namespace`, "correct it");
    }
  }
}

const LABEL = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?";
const labelForm = new RegExp(`^${LABEL}$`);
const firstForm = new RegExp(`^(?:\\*|\\*-?${LABEL}|${LABEL})$`);

/** One part of a DNS name. */
export const isLabel = (text: string): boolean => text.length <= 63 && labelForm.test(text);

/** A DNS name, without wildcards; a dot at its end is fine. */
export const isName = (text: string): boolean =>
  text !== "" && text.length <= 255 && text.replace(/\.$/, "").split(".").every(isLabel);

/** A DNS name whose first part may be or begin with a wildcard. */
export function isWildcardName(text: string): boolean {
  const [first = "", ...rest] = text.split(".");
  if (text === "" || text.length > 255 || !firstForm.test(first)) return false;
  return rest.length === 0 || isName(rest.join("."));
}

/** An address, of either kind. */
export const isAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text)
    ? text.split(".").every((part) => Number(part) < 256)
    : /^[0-9a-fA-F:.]*$/.test(text) && text.includes(":") && text.length > 1;

/** An address or a range of them. */
export function isRange(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  if (!isAddress(address) || more !== undefined) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (address.includes(":") ? 128 : 32));
}
