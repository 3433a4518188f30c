// Who looks at the page, and what that one may; the server decides it again at each request.

import { signal } from "@preact/signals";
import { get, post, whenLoggedOut } from "../api";
import type { Access } from "../wire";

/** Null until the box has answered. */
export const access = signal<Access | null>(null);
/** A login that was there has ended, while the page shows something: who comes back goes on where it was. */
export const hasEnded = signal(false);

/** Whether whoever looks may do that. */
export const may = (permission: string) => access.value?.permissions.includes(permission) ?? false;

/** Whether somebody is known: logged in, or at a box that needs no login. */
export const isKnown = (who: Access | null) => who !== null && who.kind !== "nobody";

/** Ask the box who looks at the page. */
export async function askWho(signal?: AbortSignal): Promise<Access> {
  return follow((await get<Access>("/access", signal)).data);
}

/** Log in; throws a `Refusal`. */
export async function logIn(name: string, password: string): Promise<void> {
  follow((await post<Access>("/login", { name, password })).data);
}

/** Make the first user, who may everything; `token` is needed from another machine only. */
export async function claim(name: string, password: string, token: string | null): Promise<void> {
  follow(
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

// Somebody else, or the same one with other rights, gets a page that has seen nothing of before.
function follow(now: Access): Access {
  const before = access.value;
  if (isKnown(before) && isKnown(now) && before?.kind === "user" && !isSame(before, now)) location.reload();
  access.value = now;
  if (isKnown(now)) hasEnded.value = false;
  else if (isKnown(before)) hasEnded.value = true;
  return now;
}

/** Whether both are the same one with the same rights. */
export function isSame(one: Access, other: Access): boolean {
  const rights = ({ name, kind, role, cameras, permissions }: Access) =>
    JSON.stringify([name, kind, role, cameras && [...cameras].sort(), [...permissions].sort()]);
  return rights(one) === rights(other);
}
