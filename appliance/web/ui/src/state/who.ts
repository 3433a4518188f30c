// Whether two answers to "who is it?" are of the same one, and what a page has to do about it.

import type { Access } from "../wire";

/** Whether somebody is known: logged in, or at a box that needs no login. */
export const isKnown = (who: Access | null) => who !== null && who.kind !== "nobody";

const sorted = (words: readonly string[] | null) => words && [...words].sort();
const rightsOf = ({ cameras, permissions }: Access) => JSON.stringify([sorted(cameras), sorted(permissions)]);

/** Whether both may do and see the same. */
export const haveSameRights = (one: Access, other: Access) => rightsOf(one) === rightsOf(other);

/** Whether both are the same one with the same rights. */
export const isSame = (one: Access, other: Access) =>
  one.name === other.name && one.kind === other.kind && one.role === other.role && haveSameRights(one, other);

/**
 * What becomes of the page: it goes on, its login has ended, or it begins anew, so that somebody else, or the same one
 * with other rights, gets a page that has seen nothing of before.
 *
 * Who has claimed the box from where nobody had to log in goes on: it is the same person, who may the same.
 */
export function whatFollows(before: Access | null, now: Access): "goes on" | "ended" | "anew" {
  if (before === null || !isKnown(before)) return "goes on";
  if (!isKnown(now)) return now.login === "claim" ? "anew" : "ended";
  const isTheSame = before.kind === "local" ? haveSameRights(before, now) : isSame(before, now);
  return isTheSame ? "goes on" : "anew";
}
