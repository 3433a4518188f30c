// Where a camera is read from. User and password are never shown; they stay where they are not written anew.

import { useState } from "preact/hooks";
import { patch, post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { tell } from "../../parts/toasts";
import { putCamera } from "../../state/session";
import type { Camera, CameraAddress, CameraChange, CameraTrialResult } from "../../wire";
import { hostOf, joined, normal, parted, problemOf } from "./address";
import { CodeInput } from "./code_input";
import { Password } from "./password";
import { Trial } from "./trial";

interface Props {
  camera: Camera;
  /** Null until it is known. */
  address: CameraAddress | null;
}

interface Form {
  address: string;
  second: string;
  user: string;
  password: string;
}

export function AddressForm({ camera, address }: Props) {
  const [form, setForm] = useState<Form>({
    address: address?.address ?? "",
    second: address?.live_address ?? "",
    user: "",
    password: "",
  });
  const [errors, setErrors] = useState<{ address?: string; second?: string }>({});
  const [isTrying, setTrying] = useState(false);
  const [result, setResult] = useState<CameraTrialResult | null>(null);
  const put = (next: Partial<Form>) => {
    setForm((old) => ({ ...old, ...next }));
    setErrors({});
    setResult(null);
  };
  const { written, change, forgets, canTest } = compared(form, address);
  /** Do something with an address that makes sense, and say what the server refuses at its field. */
  const attempt = async (work: () => Promise<void>) => {
    const problem = problemOf(form.address);
    if (problem !== null) return setErrors({ address: problem });
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
      setForm((old) => ({ ...old, user: "", password: "" }));
      tell({ text: "Connecting to the new address.", tone: "good" });
    });
  const test = async () => {
    setTrying(true);
    setResult(null);
    await attempt(async () => {
      setResult((await post<CameraTrialResult>("/cameras/test", { address: joined(written) })).data);
    });
    setTrying(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void save();
  };
  const hasUser = address?.has_credentials ?? false;
  return (
    <form class="panel form" noValidate onSubmit={submit}>
      <h2>Address</h2>
      <Field label="Address" error={errors.address ?? null}>
        <CodeInput
          isUrl
          value={form.address}
          onInput={(next) => put({ address: next })}
          onBlur={() => written.address !== form.address && put(written)}
        />
      </Field>
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
      {forgets && hasUser && (
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
      {camera.managed_by !== "file" && (
        <div class="actions">
          <Button kind="primary" type="submit" disabled={Object.keys(change).length === 0}>
            Save the address
          </Button>
          <Button onClick={test} disabled={!canTest || isTrying}>
            Test it
          </Button>
        </div>
      )}
      {(isTrying || result !== null) && <Trial isTrying={isTrying} result={result} />}
    </form>
  );
}

/** What is new in the form, and what that means. */
function compared(form: Form, address: CameraAddress | null) {
  const written = parted(form.address, form);
  const present = address?.address ?? "";
  const isNew = written.address !== present || written.user !== "" || written.password !== "";
  const second = normal(form.second);
  const change: CameraChange = {
    ...(isNew && { address: joined(written) }),
    ...(second !== (address?.live_address ?? "") && { live_address: second === "" ? null : second }),
  };
  const forgets = isNew && written.user === "" && hostOf(written.address) !== hostOf(present);
  // Without its password the camera would refuse, and some lock out who errs.
  const canTest = isNew && (written.user !== "" || !address?.has_credentials || forgets);
  return { written, change, forgets, canTest };
}
