// Everybody who may log in, what each may, and which cameras each sees.

import { useState } from "preact/hooks";
import { patch, remove, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Ago, Pill } from "../../parts/signs";
import { tell } from "../../parts/toasts";
import { access } from "../../state/access";
import { nameOf } from "../../state/session";
import type { Items, User } from "../../wire";
import { usePolled } from "../system/polled";
import { UserFields } from "./user_form";
import { roleName, sightInWords } from "./words";

const EVERY_MS = 10_000;

export function Users() {
  const { data, problem, put } = usePolled<Items<User>>("/users", EVERY_MS);
  const [open, setOpen] = useState<User | "new" | null>(null);
  const [leaving, setLeaving] = useState<User | null>(null);
  const users = data?.items ?? [];
  const others = (id: string) => users.filter((one) => one.id !== id);
  const keep = (user: User) =>
    put({
      items: [...others(user.id), user].sort((one, other) => one.name.localeCompare(other.name)),
      next: null,
    });
  return (
    <div class="access-list">
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {access.value?.kind === "local" ? (
        <p class="muted">The first user is made under “Me”.</p>
      ) : (
        <p>
          <Button kind="primary" icon="plus" onClick={() => setOpen("new")}>
            Add a user
          </Button>
        </p>
      )}
      <ul class="access-cards">
        {users.map((user) => (
          <li key={user.id}>
            <UserCard
              user={user}
              onChange={keep}
              onEdit={() => setOpen(user)}
              onDelete={() => setLeaving(user)}
            />
          </li>
        ))}
      </ul>
      <Dialog
        title={open === "new" || open === null ? "A new user" : open.name}
        isOpen={open !== null}
        onClose={() => setOpen(null)}
      >
        <UserFields
          user={open === "new" ? null : open}
          onSaved={(user) => {
            keep(user);
            setOpen(null);
          }}
          onCancel={() => setOpen(null)}
        />
      </Dialog>
      <Dialog
        title={`Delete ${leaving?.name ?? ""}?`}
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
      >
        <div class="form">
          <p>The logins and tokens of {leaving?.name} end at once. What they did stays in the audit log.</p>
          <div class="actions">
            <Button onClick={() => setLeaving(null)}>Keep</Button>
            <Button
              kind="danger"
              onClick={async () => {
                if (leaving === null) return;
                await remove(`/users/${leaving.id}`);
                put({ items: others(leaving.id), next: null });
                setLeaving(null);
              }}
            >
              Delete
            </Button>
          </div>
        </div>
      </Dialog>
    </div>
  );
}

interface CardProps {
  user: User;
  onChange: (user: User) => void;
  onEdit: () => void;
  onDelete: () => void;
}

function UserCard({ user, onChange, onEdit, onDelete }: CardProps) {
  const { id, name, role, cameras, enabled, seen_at } = user;
  const turn = async (box: HTMLInputElement) => {
    try {
      onChange((await patch<User>(`/users/${id}`, { enabled: box.checked })).data);
    } catch (problem) {
      box.checked = enabled;
      tell({ text: wordsOf(problem), tone: "bad" });
    }
  };
  return (
    <article class="panel access-card" data-off={!enabled || undefined}>
      <header class="panel-head">
        <h2>{name}</h2>
        <label class="check">
          <input type="checkbox" checked={enabled} onChange={(event) => void turn(event.currentTarget)} />
          <span>
            {enabled ? "May log in" : "Locked out"}
            <span class="unseen">: {name}</span>
          </span>
        </label>
      </header>
      <p class="access-facts">
        <Pill tone={role === "admin" ? "warn" : "idle"} text={roleName(role)} />
        <span>Sees {sightInWords(cameras, nameOf)}</span>
      </p>
      <p class="muted small">
        {seen_at === null ? (
          "Was never here"
        ) : (
          <>
            Was here <Ago iso={seen_at} />
          </>
        )}
      </p>
      <p class="buttons">
        <Button small icon="edit" label={`Change ${name}`} onClick={onEdit}>
          Change
        </Button>
        <Button small kind="quiet" icon="bin" label={`Delete ${name}`} onClick={onDelete}>
          Delete
        </Button>
      </p>
    </article>
  );
}
