import { useState } from "preact/hooks";
import { patch, post } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { useSubmission } from "../../parts/submission";
import type { User } from "../../wire";
import { CameraSet } from "./camera_set";
import { Choice } from "./choice";
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
  const { isBusy, of, rest, submit } = useSubmission(SHOWN);
  const save = (event: Event) =>
    submit(event, async () => {
      const body = { name, role, cameras: role === "admin" ? null : cameras };
      const given = password === "" && user !== null ? body : { ...body, password };
      const { data } = await (user === null
        ? post<User>("/users", given)
        : patch<User>(`/users/${user.id}`, given));
      onSaved(data);
      return undefined;
    });
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
      <Choice name="role" legend="What they may" options={ROLES} value={role} onChange={setRole} />
      {role !== "admin" && <CameraSet cameras={cameras} onChange={setCameras} error={of("cameras")} />}
      {rest}
      <div class="actions">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={isBusy}>
          {user === null ? "Add" : "Save"}
        </Button>
      </div>
    </form>
  );
}
