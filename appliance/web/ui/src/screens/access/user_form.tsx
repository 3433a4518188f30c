import { useState } from "preact/hooks";
import { patch, post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import type { User } from "../../wire";
import { CameraSet } from "./camera_set";
import { ROLES } from "./words";

interface Props {
  /** Null for a new one. */
  user: User | null;
  onSaved: (user: User) => void;
  onCancel: () => void;
}

const SHOWN = ["name", "password", "role", "cameras"];

export function UserFields({ user, onSaved, onCancel }: Props) {
  const [name, setName] = useState(user?.name ?? "");
  const [role, setRole] = useState<User["role"]>(user?.role ?? "viewer");
  const [cameras, setCameras] = useState<string[] | null>(user?.cameras ?? null);
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<{ field: string | null; text: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const of = (field: string) => (problem?.field === field ? problem.text : null);
  const save = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const body = { name, role, cameras: role === "admin" ? null : cameras };
    const given = password === "" && user !== null ? body : { ...body, password };
    try {
      const { data } = await (user === null
        ? post<User>("/users", given)
        : patch<User>(`/users/${user.id}`, given));
      onSaved(data);
    } catch (error) {
      setProblem({ field: error instanceof Refusal ? error.field : null, text: wordsOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={save}>
      <Field label="Name" error={of("name")}>
        <input
          required
          maxLength={64}
          autocomplete="off"
          autocapitalize="none"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field
        label={user === null ? "Password" : "Another password"}
        hint={user === null ? "At least 8 characters." : "Leave it empty to keep the present one."}
        error={of("password")}
      >
        <input
          type="password"
          required={user === null}
          minLength={8}
          maxLength={256}
          autocomplete="new-password"
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </Field>
      <fieldset class="field access-roles">
        <legend class="group-label">What they may</legend>
        {ROLES.map(([one, text, says]) => (
          <label key={one} class="check">
            <input type="radio" name="role" checked={role === one} onChange={() => setRole(one)} />
            <span>
              {text}
              <span class="hint">{says}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {role !== "admin" && <CameraSet cameras={cameras} onChange={setCameras} error={of("cameras")} />}
      {problem !== null && !SHOWN.includes(problem.field ?? "") && (
        <p class="error" role="alert">
          {problem.text}
        </p>
      )}
      <div class="actions">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={isBusy}>
          {user === null ? "Add" : "Save"}
        </Button>
      </div>
    </form>
  );
}
