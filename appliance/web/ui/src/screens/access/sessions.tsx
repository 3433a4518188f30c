// Where one is logged in, and for an admin where everybody is.

import { useState } from "preact/hooks";
import { remove, withQuery } from "../../api";
import { Button } from "../../parts/button";
import { Ago, Pill } from "../../parts/signs";
import { logOut, may } from "../../state/access";
import type { Items, Session } from "../../wire";
import { usePolled } from "../system/polled";
import { browserInWords } from "./words";

const EVERY_MS = 10_000;

export function Sessions() {
  const [isAll, setAll] = useState(false);
  const { data, problem, put } = usePolled<Items<Session>>(
    withQuery("/sessions", { all: isAll || null }),
    EVERY_MS,
  );
  const end = async (session: Session) => {
    if (session.is_this) {
      await logOut();
      return;
    }
    await remove(`/sessions/${session.id}`);
    put({ items: (data?.items ?? []).filter(({ id }) => id !== session.id), next: null });
  };
  return (
    <div class="access-list">
      {may("users.manage") && (
        <label class="check">
          <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.currentTarget.checked)} />
          <span>Everybody’s</span>
        </label>
      )}
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <ul class="access-cards">
        {data?.items.map((session) => (
          <li key={session.id}>
            <article class="panel access-card">
              <header class="panel-head">
                <h2>{browserInWords(session.agent)}</h2>
                {session.is_this && <Pill tone="good" text="This one" />}
              </header>
              <p>
                {session.name} <span class="muted">from {session.address}</span>
              </p>
              <p class="muted small">
                Was here <Ago iso={session.seen_at} />, logged in <Ago iso={session.created_at} />
              </p>
              <p class="buttons">
                <Button
                  small
                  label={`End the login of ${session.name} with ${browserInWords(session.agent)}`}
                  onClick={() => end(session)}
                >
                  {session.is_this ? "Log out" : "End it"}
                </Button>
              </p>
            </article>
          </li>
        ))}
      </ul>
    </div>
  );
}
