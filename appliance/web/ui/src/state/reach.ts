// Whether the box can be reached, so that what is shown of it is of now.

import { effect, signal } from "@preact/signals";
import { connection } from "./session";

/** False from a lost connection on until there is one again; attempts in between do not count. */
export const isInReach = signal(true);

effect(() => {
  if (connection.value.word === "lost") isInReach.value = false;
  if (connection.value.word === "live") isInReach.value = true;
});
