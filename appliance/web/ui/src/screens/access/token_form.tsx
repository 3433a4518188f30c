import { useState } from "preact/hooks";
import { post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import type { MadeToken, Token } from "../../wire";
import { CameraSet } from "./camera_set";
import { SCOPES } from "./words";

const DAY_MS = 86_400_000;
const TERMS = [
  ["30", "30 days"],
  ["365", "A year"],
  ["", "Until it is deleted"],
] as const;
const SHOWN = ["name", "cameras", "scope"];

export function TokenFields({
  onMade,
  onCancel,
}: {
  onMade: (token: MadeToken) => void;
  onCancel: () => void;
}) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Token["scope"]>("read");
  const [cameras, setCameras] = useState<string[] | null>(null);
  const [days, setDays] = useState("365");
  const [problem, setProblem] = useState<{ field: string | null; text: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const of = (field: string) => (problem?.field === field ? problem.text : null);
  const make = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const expires_at = days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    try {
      onMade((await post<MadeToken>("/tokens", { name, scope, cameras, expires_at })).data);
    } catch (error) {
      setProblem({ field: error instanceof Refusal ? error.field : null, text: wordsOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={make}>
      <Field label="What it is for" error={of("name")}>
        <input
          required
          maxLength={100}
          value={name}
          placeholder="Home automation"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <fieldset class="field access-roles">
        <legend class="group-label">What it may</legend>
        {SCOPES.map(([one, text, says]) => (
          <label key={one} class="check">
            <input type="radio" name="scope" checked={scope === one} onChange={() => setScope(one)} />
            <span>
              {text}
              <span class="hint">{says}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {scope !== "metrics" && <CameraSet cameras={cameras} onChange={setCameras} error={of("cameras")} />}
      <Field label="How long it is good">
        <select value={days} onChange={(event) => setDays(event.currentTarget.value)}>
          {TERMS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </Field>
      {problem !== null && !SHOWN.includes(problem.field ?? "") && (
        <p class="error" role="alert">
          {problem.text}
        </p>
      )}
      <div class="actions">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={isBusy}>
          Make it
        </Button>
      </div>
    </form>
  );
}
