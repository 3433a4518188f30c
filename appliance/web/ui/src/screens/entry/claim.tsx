import { useRef } from "preact/hooks";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { useSubmission } from "../../parts/submission";
import { access, claim } from "../../state/access";
import { Fingerprint } from "./fingerprint";

const LEAST = 8;
const MOST = 256;
const SHOWN = ["token", "name", "password", "again"];

/** The first start: whoever has the token of the box becomes its first user. */
export function Claim() {
  return (
    <main class="entry" aria-labelledby="entry-title">
      <div class="entry-card panel">
        <header class="entry-head">
          <img src="/static/icon.svg" alt="" width="40" height="40" />
          <h1 id="entry-title">This box is new</h1>
        </header>
        <p class="muted">
          Make its first user, who may everything. Others are added afterwards, each with the cameras that
          they may see.
        </p>
        <ClaimForm />
        <Fingerprint />
      </div>
    </main>
  );
}

/** Asks for a name, a password, and from another machine for the setup token. */
export function ClaimForm() {
  const { isBusy, of, rest, submit } = useSubmission(SHOWN);
  const form = useRef<HTMLFormElement>(null);
  const needsToken = access.value?.kind === "nobody";
  const send = (event: Event) =>
    submit(event, async () => {
      const given = new FormData(form.current ?? undefined);
      const word = (field: string) => String(given.get(field) ?? "");
      if (word("password") !== word("again")) return { field: "again", text: "The two passwords differ." };
      await claim(word("name"), word("password"), needsToken ? word("token").trim() : null);
      return undefined;
    });
  return (
    <form class="entry-form" ref={form} onSubmit={send}>
      {needsToken && (
        <Field
          label="Setup token"
          error={of("token")}
          hint={
            <>
              On the box: <code>nightjar setup-token</code>. It is good for 30 minutes after a start, once.
            </>
          }
        >
          <input name="token" required autocomplete="off" spellcheck={false} autocapitalize="none" />
        </Field>
      )}
      <Field label="Name" error={of("name")}>
        <input name="name" required maxLength={64} autocomplete="username" autocapitalize="none" />
      </Field>
      <Field
        label="Password"
        error={of("password")}
        hint={`At least ${LEAST} characters. A sentence is easier to keep than a riddle.`}
      >
        <input
          name="password"
          type="password"
          required
          minLength={LEAST}
          maxLength={MOST}
          autocomplete="new-password"
        />
      </Field>
      <Field label="Password again" error={of("again")}>
        <input name="again" type="password" required autocomplete="new-password" />
      </Field>
      {rest}
      <Button type="submit" kind="primary" busy={isBusy}>
        Make this user
      </Button>
    </form>
  );
}
