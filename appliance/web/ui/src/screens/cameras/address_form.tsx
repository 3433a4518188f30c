// Where a camera is read from. User and password are never shown; they stay where they are not written anew.

import { useRef, useState } from "preact/hooks";
import { patch, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { tell } from "../../parts/toasts";
import { putCamera } from "../../state/session";
import type { Camera, CameraAddress } from "../../wire";
import { joined, problemOf } from "./address";
import { type AddressDraft, compared } from "./address_change";
import { CodeInput } from "./code_input";
import { useDraft } from "./drafts";
import { Password } from "./password";
import { Trial } from "./trial";
import { tested, useTrial } from "./use_trial";

interface Props {
  camera: Camera;
  address: CameraAddress;
}

export function AddressForm({ camera, address }: Props) {
  const draft = useDraft<AddressDraft>(`address of ${camera.id}`);
  const [errors, setErrors] = useState<{ address?: string; second?: string }>({});
  const { form, parts, change, forgets, canTest } = compared(draft.written, address);
  const whole = joined(parts);
  const trial = useTrial(whole, (signal) => tested(whole, form.second, signal));
  const overtaken = useOvertaken(draft.written.address !== undefined, address.address);
  const isFixed = camera.managed_by === "file";
  const isChanged = Object.keys(change).length > 0;
  const put = (next: Partial<AddressDraft>) => {
    draft.put(next);
    setErrors({});
  };
  /** Do something with an address that makes sense, and say what the server refuses at its field. */
  const attempt = async (work: () => Promise<void>) => {
    const problem = problemOf(form.address);
    setErrors(problem === null ? {} : { address: problem });
    if (problem !== null) return;
    try {
      await work();
    } catch (refused) {
      const isSecond = refused instanceof Refusal && refused.field === "live_address";
      setErrors({ [isSecond ? "second" : "address"]: wordsOf(refused) });
    }
  };
  const save = () =>
    attempt(async () => {
      putCamera((await patch<Camera>(`/cameras/${camera.id}`, change)).data);
      draft.drop();
      tell({ text: "Connecting to the new address.", tone: "good" });
    });
  const submit = (event: Event) => {
    event.preventDefault();
    if (isChanged) void save();
  };
  return (
    <form class="panel form" noValidate onSubmit={submit}>
      <h2>Address</h2>
      <Field label="Address" error={errors.address ?? null}>
        <CodeInput
          isUrl
          value={form.address}
          onInput={(next) => put({ address: next })}
          onBlur={() => draft.written.address !== undefined && parts.address !== form.address && put(parts)}
        />
      </Field>
      {overtaken && (
        <p class="hint" role="status">
          It was changed elsewhere meanwhile: now it is <code>{address.address}</code>. Saving replaces that.
        </p>
      )}
      {!isFixed && <WhoAsks form={form} put={put} hasUser={address.has_credentials} />}
      {forgets && address.has_credentials && (
        <p class="hint">
          This is another machine: the present user and password are not sent there, and are forgotten.
        </p>
      )}
      <Field
        label="Second address"
        hint="A smaller stream of the same camera, for the overview of all cameras. Empty: none."
        error={errors.second ?? null}
      >
        <CodeInput isUrl value={form.second} onInput={(second) => put({ second })} />
      </Field>
      {!isFixed && (
        <div class="actions">
          <Button kind="primary" type="submit" disabled={!isChanged}>
            Save the address
          </Button>
          <Button onClick={() => attempt(trial.start)} disabled={!canTest} busy={trial.isTrying}>
            {trial.isTrying ? "Connecting …" : "Test it"}
          </Button>
          {isChanged && (
            <Button kind="quiet" onClick={draft.drop}>
              Discard
            </Button>
          )}
        </div>
      )}
      {change.address !== undefined && !canTest && (
        <p class="hint">To test it as well, write user and password anew: they are not shown to this page.</p>
      )}
      {(trial.isTrying || trial.result !== null) && <Trial {...trial} />}
    </form>
  );
}

interface WhoProps {
  form: AddressDraft;
  put: (next: Partial<AddressDraft>) => void;
  hasUser: boolean;
}

function WhoAsks({ form, put, hasUser }: WhoProps) {
  return (
    <div class="pair">
      <Field label="User" hint={hasUser ? "Empty: as it is. It is never shown." : "Empty: none."}>
        <CodeInput
          value={form.user}
          placeholder={hasUser ? "unchanged" : ""}
          onInput={(user) => put({ user })}
        />
      </Field>
      <Field label="Password">
        <Password value={form.password} onInput={(password) => put({ password })} />
      </Field>
    </div>
  );
}

/** Whether what holds has changed since somebody began to write. */
function useOvertaken(isWritten: boolean, present: string): boolean {
  const before = useRef(present);
  if (!isWritten) before.current = present;
  return isWritten && before.current !== present;
}
