// One's own account: who one is here, another password, and the way out; or how a box without users gets its first.

import { useRef, useState } from "preact/hooks";
import { put } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/field";
import { useSubmission } from "../../parts/submission";
import { tell } from "../../parts/toasts";
import { access, logOut, may } from "../../state/access";
import { nameOf } from "../../state/session";
import { ClaimForm } from "../entry/claim";
import { Fingerprint } from "../entry/fingerprint";
import { roleName, sightInWords } from "./words";

export function Account() {
  const who = access.value;
  if (who === null) return null;
  if (who.kind === "local") return <Unclaimed />;
  return (
    <div class="access-columns">
      <section class="panel" aria-labelledby="me">
        <header class="panel-head">
          <h2 id="me">{who.name}</h2>
          <Button icon="lock" onClick={logOut}>
            Log out
          </Button>
        </header>
        <p>
          {who.role !== null && `${roleName(who.role)}. `}Sees {sightInWords(who.cameras, nameOf)}.
        </p>
        <Fingerprint />
      </section>
      {may("account.own") && <Password />}
    </div>
  );
}

function Unclaimed() {
  const [isOpen, setOpen] = useState(false);
  return (
    <section class="panel access-new" aria-labelledby="local">
      <h2 id="local">Nobody has to log in on this machine</h2>
      <p>
        Nightjar is reached from this machine only, so whoever sits here may everything. To use it from a
        phone or another computer, make the first user, then let it listen in your network:{" "}
        <code>server.host</code> in the configuration. From then on everybody logs in, over an encrypted
        connection.
      </p>
      <p>
        <Button kind="primary" icon="plus" onClick={() => setOpen(true)}>
          Make the first user
        </Button>
      </p>
      <Dialog title="The first user" isOpen={isOpen} onClose={() => setOpen(false)}>
        <ClaimForm />
      </Dialog>
    </section>
  );
}

function Password() {
  const { isBusy, of, rest, submit } = useSubmission(["current", "new", "again"]);
  const form = useRef<HTMLFormElement>(null);
  const send = (event: Event) =>
    submit(event, async () => {
      const given = new FormData(form.current ?? undefined);
      const word = (field: string) => String(given.get(field) ?? "");
      if (word("new") !== word("again")) return { field: "again", text: "The two passwords differ." };
      await put("/account/password", { current: word("current"), new: word("new") });
      form.current?.reset();
      tell({ text: "The password is changed. Your other logins have ended.", tone: "good" });
      return undefined;
    });
  return (
    <section class="panel" aria-labelledby="password">
      <header class="panel-head">
        <h2 id="password">Another password</h2>
      </header>
      <form class="form" ref={form} onSubmit={send}>
        <input type="hidden" name="username" autocomplete="username" value={access.value?.name} />
        <Field label="Present password" error={of("current")}>
          <input name="current" type="password" required autocomplete="current-password" />
        </Field>
        <Field label="New password" hint="At least 8 characters." error={of("new")}>
          <input
            name="new"
            type="password"
            required
            minLength={8}
            maxLength={256}
            autocomplete="new-password"
          />
        </Field>
        <Field label="New password again" error={of("again")}>
          <input name="again" type="password" required autocomplete="new-password" />
        </Field>
        {rest}
        <div class="actions">
          <Button type="submit" kind="primary" busy={isBusy}>
            Change it
          </Button>
        </div>
      </form>
    </section>
  );
}
