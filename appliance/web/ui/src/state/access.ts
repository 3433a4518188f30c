// Who looks at the page, and what that one may; the server decides it again at each request.

import { signal } from "@preact/signals";
import { get, loginCount, noteLogin, post, whenLoggedOut } from "../api";
import type { Access } from "../wire";
import { isKnown, whatFollows } from "./who";

/** Null until the box has answered; once somebody was known it stays, until it is another one. */
export const access = signal<Access | null>(null);
/** A login that was there has ended, while the page shows something: who comes back goes on where it was. */
export const hasEnded = signal(false);

/** Whether whoever looks may do that. */
export const may = (permission: string) => access.value?.permissions.includes(permission) ?? false;
/** Whether no camera is kept from whoever looks, a later one neither. */
export const seesAll = () => access.value !== null && access.value.cameras === null;
/** Whether the box needs no login: nobody has claimed it, and only its own machine reaches it. */
export const isLocal = () => access.value?.kind === "local";

/** Ask the box who looks at the page. */
export async function askWho(signal?: AbortSignal): Promise<void> {
  const asked = loginCount();
  const now = (await get<Access>("/access", signal)).data;
  if (asked === loginCount()) follow(now);
}

/** Ask again, where it may be another one by now; where the box does not answer, the next attempt tells. */
export async function askAgain(): Promise<void> {
  if (!isKnown(access.value)) return;
  await askWho().catch(() => undefined);
}

/** Log in; throws a `Refusal`. */
export async function logIn(name: string, password: string): Promise<void> {
  cameIn((await post<Access>("/login", { name, password })).data);
}

/** Make the first user, who may everything; `token` is needed from another machine only. */
export async function claim(name: string, password: string, token: string | null): Promise<void> {
  cameIn(
    (await post<Access>("/claim", token === null ? { name, password } : { name, password, token })).data,
  );
}

/** Log out, and show nothing of what was seen. */
export async function logOut(): Promise<void> {
  await post("/logout");
  location.assign("/");
}

whenLoggedOut(() => {
  if (isKnown(access.value)) hasEnded.value = true;
});

function cameIn(now: Access): void {
  noteLogin();
  follow(now);
}

function follow(now: Access): void {
  const next = whatFollows(access.value, now);
  if (next === "anew") location.reload();
  hasEnded.value = next === "ended";
  if (next === "goes on") access.value = now;
}
