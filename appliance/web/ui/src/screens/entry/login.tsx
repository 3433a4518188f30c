import { useRef, useState } from "preact/hooks";
import { wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/field";
import { access, hasEnded, logIn } from "../../state/access";
import { Fingerprint } from "./fingerprint";

/** The whole page where nobody is logged in. */
export function Login() {
  return (
    <main class="entry" aria-labelledby="entry-title">
      <div class="entry-card panel">
        <header class="entry-head">
          <img src="/static/icon.svg" alt="" width="40" height="40" />
          <h1 id="entry-title">Log in to Nightjar</h1>
        </header>
        <LoginForm name="" />
        <Fingerprint />
      </div>
    </main>
  );
}

/** In front of a page whose login has ended: what stands there stays, for the same one. */
export function LoginAgain() {
  if (!hasEnded.value) return null;
  return (
    <Dialog title="Log in again" isOpen onClose={() => location.assign("/")}>
      <p class="muted">Your login has ended. What you were doing is still there.</p>
      <LoginForm name={access.value?.kind === "user" ? access.value.name : ""} />
    </Dialog>
  );
}

function LoginForm({ name }: { name: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    if (isBusy || form.current === null) return;
    const given = new FormData(form.current);
    setBusy(true);
    try {
      await logIn(String(given.get("name")), String(given.get("password")));
    } catch (error) {
      setProblem(wordsOf(error));
      form.current.querySelector<HTMLInputElement>("[name=password]")?.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="entry-form" ref={form} onSubmit={send}>
      <Field label="Name">
        <input name="name" defaultValue={name} required autocomplete="username" autocapitalize="none" />
      </Field>
      <Field label="Password" error={problem}>
        <input name="password" type="password" required autocomplete="current-password" />
      </Field>
      <Button type="submit" kind="primary" busy={isBusy}>
        Log in
      </Button>
    </form>
  );
}
