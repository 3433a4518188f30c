import { useState } from "preact/hooks";
import { post } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { useSubmission } from "../../parts/submission";
import type { MadeToken, Token } from "../../wire";
import { CameraSet } from "./camera_set";
import { Choice } from "./choice";
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
  const { isBusy, of, rest, submit } = useSubmission(SHOWN);
  const make = (event: Event) =>
    submit(event, async () => {
      const expires_at = days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
      onMade((await post<MadeToken>("/tokens", { name, scope, cameras, expires_at })).data);
      return undefined;
    });
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
      <Choice name="scope" legend="What it may" options={SCOPES} value={scope} onChange={setScope} />
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
      {rest}
      <div class="actions">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={isBusy}>
          Make it
        </Button>
      </div>
    </form>
  );
}
