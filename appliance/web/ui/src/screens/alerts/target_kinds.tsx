// What a target's form asks for by its kind.

import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import type { Target } from "../../wire";
import { newSecret, type TargetForm } from "./target_words";

interface Props {
  form: TargetForm;
  put: (part: Partial<TargetForm>) => void;
  errorOf: (field: string) => string | null;
  /** Null for a new one. */
  target: Target | null;
}

const unchanged = (target: Target | null) => (target === null ? "" : `As it is: ${target.address}`);

export function WebhookFields({ form, put, errorOf, target }: Props) {
  const makeSecret = () => put({ secret: newSecret((bytes) => crypto.getRandomValues(bytes)) });
  return (
    <>
      <Field
        label="Address"
        error={errorOf("address")}
        hint="Machines of your own network are fine. Only its beginning is shown later."
      >
        <input
          value={form.address}
          maxLength={2048}
          autocomplete="off"
          inputMode="url"
          placeholder={unchanged(target) || "https://host/path"}
          onInput={(event) => put({ address: event.currentTarget.value })}
        />
      </Field>
      <Field
        label="Secret to sign with"
        error={errorOf("secret")}
        hint="The receiver needs it as well: it is not shown again. Without one nothing is signed."
      >
        <input
          value={form.secret}
          maxLength={256}
          autocomplete="off"
          spellcheck={false}
          placeholder={target?.has_secret ? "As it is" : "whsec_…"}
          onInput={(event) => put({ secret: event.currentTarget.value })}
        />
      </Field>
      <p>
        <Button small onClick={makeSecret}>
          Make a secret
        </Button>
      </p>
    </>
  );
}

export function NtfyFields({ form, put, errorOf, target }: Props) {
  return (
    <>
      <Field label="Server" error={errorOf("address")}>
        <input
          value={form.address}
          maxLength={2048}
          autocomplete="off"
          inputMode="url"
          placeholder={unchanged(target) || "https://ntfy.sh"}
          onInput={(event) => put({ address: event.currentTarget.value })}
        />
      </Field>
      <Field
        label="Topic"
        error={errorOf("topic")}
        hint="On an open server whoever knows its name can read it: choose one that nobody guesses."
      >
        <input
          value={form.topic}
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
          placeholder={target === null ? "" : "As it is"}
          onInput={(event) => put({ topic: event.currentTarget.value })}
        />
      </Field>
      <Field label="Log in with">
        <select
          value={form.login}
          onChange={(event) => put({ login: event.currentTarget.value as TargetForm["login"] })}
        >
          {target?.has_secret && <option value="keep">As it is</option>}
          <option value="none">Nothing</option>
          <option value="token">An access token</option>
          <option value="password">User and password</option>
        </select>
      </Field>
      <Login form={form} put={put} errorOf={errorOf} />
    </>
  );
}

function Login({ form, put, errorOf }: Omit<Props, "target">) {
  if (form.login === "token")
    return (
      <Field label="Access token" error={errorOf("token")}>
        <input
          type="password"
          value={form.token}
          maxLength={256}
          autocomplete="off"
          onInput={(event) => put({ token: event.currentTarget.value })}
        />
      </Field>
    );
  if (form.login !== "password") return null;
  return (
    <div class="pair">
      <Field label="User" error={errorOf("user")}>
        <input
          value={form.user}
          maxLength={256}
          autocomplete="off"
          onInput={(event) => put({ user: event.currentTarget.value })}
        />
      </Field>
      <Field label="Password" error={errorOf("password")}>
        <input
          type="password"
          value={form.password}
          maxLength={256}
          autocomplete="new-password"
          onInput={(event) => put({ password: event.currentTarget.value })}
        />
      </Field>
    </div>
  );
}
