// Targets and deliveries in words, and what a target's form asks for.

import type { Tone } from "../../parts/signs";
import type { Delivery, NewTarget, Target, TargetChange } from "../../wire";

export const KINDS = [
  ["webhook", "Webhook"],
  ["ntfy", "ntfy"],
] as const;

export const STATES: Record<Delivery["state"], { text: string; tone: Tone }> = {
  waiting: { text: "Waiting", tone: "wait" },
  delivered: { text: "Delivered", tone: "good" },
  refused: { text: "Refused", tone: "bad" },
  expired: { text: "Given up", tone: "bad" },
};

/** What a target's form holds; what is empty is not said, or stays as it is. */
export interface TargetForm {
  kind: "webhook" | "ntfy";
  name: string;
  address: string;
  picture: boolean;
  secret: string;
  topic: string;
  /** How an ntfy server knows who publishes; `keep` leaves it as it is. */
  login: "keep" | "none" | "token" | "password";
  token: string;
  user: string;
  password: string;
}

export const formOf = (target: Target | null): TargetForm => ({
  kind: target?.kind ?? "ntfy",
  name: target?.name ?? "",
  address: target === null ? "https://ntfy.sh" : "",
  picture: target?.picture ?? true,
  secret: "",
  topic: "",
  login: target?.kind === "ntfy" && target.has_secret ? "keep" : "none",
  token: "",
  user: "",
  password: "",
});

/** A name for one that has none yet. */
export const nameOf = ({ name, kind }: Pick<TargetForm, "name" | "kind">) =>
  name.trim() || (kind === "ntfy" ? "Phone" : "Webhook");

const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")) as Partial<T>;

function login({ login, token, user, password }: TargetForm) {
  if (login === "keep") return {};
  if (login === "token") return { token: token.trim(), user: null, password: null };
  if (login === "password") return { token: null, user: user.trim(), password };
  return { token: null, user: null, password: null };
}

function settings(form: TargetForm) {
  const { kind, picture } = form;
  const place = given({ address: form.address.trim() });
  if (kind === "webhook") return { picture, ...place, ...given({ secret: form.secret.trim() }) };
  return { picture, ...place, ...given({ topic: form.topic.trim() }), ...login(form) };
}

export const addition = (form: TargetForm): NewTarget => ({
  kind: form.kind,
  address: "",
  ...settings(form),
  name: nameOf(form),
});

export const change = (form: TargetForm): TargetChange => ({ ...settings(form), name: nameOf(form) });

/** A secret to sign with, as Standard Webhooks has it: 32 bytes of chance. */
export function newSecret(fill: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const bytes = fill(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** How it stands with a target. */
export function standing({ enabled, waiting, last }: Target): { text: string; tone: Tone } {
  if (!enabled) return { text: "Off", tone: "idle" };
  if (last === null) return { text: "Nothing sent yet", tone: "idle" };
  const { text, tone } = STATES[last.state];
  if (last.state !== "waiting") return { text, tone };
  return last.attempts === 0
    ? { text: "Being sent", tone: "wait" }
    : { text: waiting === 1 ? "1 alert waits" : `${waiting.toLocaleString()} alerts wait`, tone: "warn" };
}
