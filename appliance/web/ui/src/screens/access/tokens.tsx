// The keys of programs: what each may, and until when. A secret is shown once.

import { useState } from "preact/hooks";
import { remove, withQuery } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Nothing } from "../../parts/nothing";
import { Ago, Pill } from "../../parts/signs";
import { tell } from "../../parts/toasts";
import { access, may } from "../../state/access";
import { nameOf } from "../../state/session";
import type { Items, MadeToken, Token } from "../../wire";
import { dateOf } from "../../words";
import { usePolled } from "../system/polled";
import { TokenFields } from "./token_form";
import { scopeName, sightInWords } from "./words";

const EVERY_MS = 10_000;

export function Tokens() {
  const [isAll, setAll] = useState(false);
  const path = withQuery("/tokens", { all: isAll || null });
  const { data, problem, put } = usePolled<Items<Token>>(path, EVERY_MS);
  const [isNew, setNew] = useState(false);
  const [made, setMade] = useState<MadeToken | null>(null);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const tokens = data?.items ?? [];
  const drop = async (token: Token) => {
    await remove(`/tokens/${token.id}`);
    put({ items: tokens.filter(({ id }) => id !== token.id), next: null });
    setLeaving(null);
  };
  const keep = (token: MadeToken) => {
    const { secret: _, ...shown } = token;
    put({ items: [shown, ...tokens], next: null });
    setNew(false);
    setMade(token);
  };
  if (access.value?.kind !== "user") return <p class="muted">Tokens belong to users: make the first one.</p>;
  return (
    <div class="access-list">
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <p class="buttons">
        <Button kind="primary" icon="plus" onClick={() => setNew(true)}>
          Make a token
        </Button>
        {may("users.manage") && (
          <label class="check">
            <input
              type="checkbox"
              checked={isAll}
              onChange={(event) => setAll(event.currentTarget.checked)}
            />
            <span>Everybody’s</span>
          </label>
        )}
      </p>
      {data !== null && tokens.length === 0 && (
        <Nothing
          icon="lock"
          title="No program has a key"
          text="A token lets a program ask this box, such as home automation or monitoring, with no more rights than it needs."
        />
      )}
      <ul class="access-cards">
        {tokens.map((token) => (
          <li key={token.id}>
            <TokenCard token={token} onDelete={() => setLeaving(token)} />
          </li>
        ))}
      </ul>
      <Dialog title="A new token" isOpen={isNew} onClose={() => setNew(false)}>
        <TokenFields onMade={keep} onCancel={() => setNew(false)} />
      </Dialog>
      <Dialog title={`Delete “${leaving?.name}”?`} isOpen={leaving !== null} onClose={() => setLeaving(null)}>
        <div class="form">
          <p>Whatever uses it is refused from now on. It cannot be had back; another one can be made.</p>
          <div class="actions">
            <Button onClick={() => setLeaving(null)}>Keep</Button>
            <Button kind="danger" onClick={() => leaving && drop(leaving)}>
              Delete
            </Button>
          </div>
        </div>
      </Dialog>
      <Dialog title="The secret of this token" isOpen={made !== null} onClose={() => setMade(null)}>
        <Secret secret={made?.secret ?? ""} onClose={() => setMade(null)} />
      </Dialog>
    </div>
  );
}

function TokenCard({ token, onDelete }: { token: Token; onDelete: () => void }) {
  const { name, scope, cameras, expires_at, seen_at } = token;
  return (
    <article class="panel access-card">
      <header class="panel-head">
        <h2>{name}</h2>
        <Pill tone={scope === "admin" ? "warn" : "idle"} text={scopeName(scope)} />
      </header>
      <p>{scope === "metrics" ? "Sees no camera" : `Sees ${sightInWords(cameras, nameOf)}`}</p>
      <p class="muted small">
        {seen_at === null ? (
          "Not used yet"
        ) : (
          <>
            Used <Ago iso={seen_at} />
          </>
        )}
        {expires_at !== null && `, good until ${dateOf(Date.parse(expires_at))}`}
      </p>
      <p class="buttons">
        <Button small kind="quiet" icon="bin" label={`Delete the token ${name}`} onClick={onDelete}>
          Delete
        </Button>
      </p>
    </article>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    tell({ text: "Copied.", tone: "good" });
  };
  return (
    <div class="form">
      <p>Keep it now: it is not shown again. The program sends it with each request:</p>
      <code class="access-secret">Authorization: Bearer {secret}</code>
      <div class="actions">
        {navigator.clipboard !== undefined && <Button onClick={copy}>Copy the secret</Button>}
        <Button kind="primary" onClick={onClose}>
          I have it
        </Button>
      </div>
    </div>
  );
}
