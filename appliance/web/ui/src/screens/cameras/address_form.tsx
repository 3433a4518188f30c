// Where a camera is read from. User and password are never shown; they stay where they are not written anew.

import { useState } from "preact/hooks";
import { patch, post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { tell } from "../../parts/toasts";
import { putCamera } from "../../state/session";
import type { Camera, CameraAddress, CameraChange, CameraTrialResult } from "../../wire";
import { hostOf, joined, normal, parted, problemOf } from "./address";
import { Password } from "./password";
import { Trial } from "./trial";

interface Props {
  camera: Camera;
  /** Null until it is known. */
  address: CameraAddress | null;
}

export function AddressForm({ camera, address }: Props) {
  const [form, setForm] = useState({
    address: address?.address ?? "",
    second: address?.live_address ?? "",
    user: "",
    password: "",
  });
  const [errors, setErrors] = useState<{ address?: string; second?: string }>({});
  const [isTrying, setTrying] = useState(false);
  const [result, setResult] = useState<CameraTrialResult | null>(null);
  const put = (change: Partial<typeof form>) => {
    setForm((old) => ({ ...old, ...change }));
    setErrors({});
    setResult(null);
  };
  const written = parted(form.address, form);
  const second = normal(form.second);
  const isNew =
    written.address !== (address?.address ?? "") || written.user !== "" || written.password !== "";
  const isSecondNew = second !== (address?.live_address ?? "");
  const forgets = isNew && written.user === "" && hostOf(written.address) !== hostOf(address?.address ?? "");

  const save = async () => {
    const problem = problemOf(form.address);
    if (problem !== null) return setErrors({ address: problem });
    const change: CameraChange = {
      ...(isNew && { address: joined(written) }),
      ...(isSecondNew && { live_address: second === "" ? null : second }),
    };
    try {
      putCamera((await patch<Camera>(`/cameras/${camera.id}`, change)).data);
      setForm((old) => ({ ...old, user: "", password: "" }));
      tell({ text: "Connecting to the new address.", tone: "good" });
    } catch (refused) {
      const field = refused instanceof Refusal && refused.field === "live_address" ? "second" : "address";
      setErrors({ [field]: wordsOf(refused) });
    }
  };
  const test = async () => {
    const problem = problemOf(form.address);
    if (problem !== null) return setErrors({ address: problem });
    setTrying(true);
    setResult(null);
    try {
      const { data } = await post<CameraTrialResult>("/cameras/test", { address: joined(written) });
      setResult(data);
    } catch (refused) {
      setErrors({ address: wordsOf(refused) });
    } finally {
      setTrying(false);
    }
  };
  // Without its password the camera would refuse, and some lock out who errs.
  const canTest = isNew && (written.user !== "" || !(address?.has_credentials ?? false) || forgets);

  return (
    <form
      class="panel form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>Address</h2>
      <Field label="Address" error={errors.address ?? null}>
        <input
          value={form.address}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          inputMode="url"
          onInput={(event) => put({ address: event.currentTarget.value })}
          onBlur={() => written.address !== form.address && put(written)}
        />
      </Field>
      <div class="pair">
        <Field
          label="User"
          hint={address?.has_credentials ? "Empty: as it is. It is never shown." : "Empty: none."}
        >
          <input
            value={form.user}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder={address?.has_credentials ? "unchanged" : ""}
            onInput={(event) => put({ user: event.currentTarget.value })}
          />
        </Field>
        <Field label="Password">
          <Password value={form.password} onInput={(password) => put({ password })} />
        </Field>
      </div>
      {forgets && address?.has_credentials && (
        <p class="hint">
          This is another machine: the present user and password are not sent there, and are forgotten.
        </p>
      )}
      <Field
        label="Second address"
        hint="A smaller stream of the same camera, for the overview of all cameras. Empty: none."
        error={errors.second ?? null}
      >
        <input
          value={form.second}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          inputMode="url"
          onInput={(event) => put({ second: event.currentTarget.value })}
        />
      </Field>
      {camera.managed_by !== "file" && (
        <div class="actions">
          <Button kind="primary" type="submit" disabled={!isNew && !isSecondNew}>
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
