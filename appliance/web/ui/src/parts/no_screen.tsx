import { Nothing } from "./nothing";

/** A screen that is for others. */
export function NotForYou() {
  return (
    <Nothing
      icon="lock"
      title="This is not shown to you"
      text="An admin of this box says what you see. Whoever needs more than that asks one."
    />
  );
}

/** An address that leads nowhere. */
export function NoSuchScreen() {
  return (
    <Nothing
      icon="footage"
      title="There is no such page"
      action={
        <a class="button" href="/">
          Go to the live pictures
        </a>
      }
    />
  );
}
