// A new camera: where it is, a trial that shows its picture, and it is there.

import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { Icon } from "../../parts/icon";
import { tell } from "../../parts/toasts";
import { cameraList, putCamera } from "../../state/session";
import type { Camera, CameraTrialResult, NewCamera } from "../../wire";
import { joined, normal, parted, problemOf } from "./address";
import { AddressHelp } from "./address_help";
import { trialField } from "./measures";
import { Password } from "./password";
import { Trial } from "./trial";

interface Form {
  address: string;
  user: string;
  password: string;
  second: string;
  name: string;
}

type Errors = Partial<Record<keyof Form | "form", string>>;
/** What the server calls a field, and what it is called here. */
const FIELDS: Record<string, keyof Form> = { address: "address", live_address: "second", name: "name" };

export function AddCamera() {
  const { route } = useLocation();
  const [form, setForm] = useState<Form>({ address: "", user: "", password: "", second: "", name: "" });
  const [errors, setErrors] = useState<Errors>({});
  const [tried, setTried] = useState<{ address: string; result: CameraTrialResult } | null>(null);
  const [isTrying, setTrying] = useState(false);
  const attempt = useRef(0);
  const whole = joined(parted(form.address, form));
  const isGood = tried?.address === whole && tried.result.ok;
  const put = (change: Partial<Form>) => {
    setForm((old) => ({ ...old, ...change }));
    setErrors({});
  };

  const check = () => {
    const problem = problemOf(form.address);
    setErrors(problem === null ? {} : { address: problem });
    return problem === null;
  };
  const refused = (problem: unknown) => {
    const field = problem instanceof Refusal ? FIELDS[problem.field ?? ""] : undefined;
    const isAddress = problem instanceof Refusal && problem.status === 422;
    setErrors({ [field ?? (isAddress ? "address" : "form")]: wordsOf(problem) });
  };
  const tryIt = async () => {
    if (!check()) return;
    attempt.current += 1;
    const mine = attempt.current;
    setTrying(true);
    setTried(null);
    try {
      const { data } = await post<CameraTrialResult>("/cameras/test", { address: whole });
      if (mine === attempt.current) setTried({ address: whole, result: data });
    } catch (problem) {
      if (mine === attempt.current) refused(problem);
    } finally {
      if (mine === attempt.current) setTrying(false);
    }
  };
  const add = async () => {
    if (!check()) return;
    const name = form.name.trim() || freeName();
    const second = normal(form.second);
    const body: NewCamera = { name, address: whole, ...(second !== "" && { live_address: second }) };
    try {
      const { data } = await post<Camera>("/cameras", body);
      putCamera(data);
      tell({ text: `${data.name} is added.`, tone: "good" });
      route(`/cameras/${data.id}`);
    } catch (problem) {
      refused(problem);
    }
  };
  const paste = () => {
    const parts = parted(form.address, form);
    if (parts.address !== form.address || parts.user !== form.user || parts.password !== form.password)
      put(parts);
  };
  const kind = tried?.address === whole && !tried.result.ok ? trialField(tried.result.kind) : null;
  const submit = (event: Event) => {
    event.preventDefault();
    void (isGood ? add() : tryIt());
  };

  return (
    <>
      <header class="screen-head">
        <a class="button quiet icon-only" href="/cameras" aria-label="All cameras">
          <Icon name="back" />
        </a>
        <h1>{cameraList.value.length === 0 ? "Add your first camera" : "Add a camera"}</h1>
      </header>
      <div class="add-camera">
        <form class="form panel" onSubmit={submit} noValidate>
          <Field
            label="Address"
            hint="As the camera's manual names it: rtsp://192.168.1.20/stream1. A plain IP address will do as a start."
            error={errors.address ?? null}
          >
            <input
              name="address"
              value={form.address}
              placeholder="rtsp://192.168.1.20/stream1"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              inputMode="url"
              autofocus
              data-doubt={kind === "address" || undefined}
              onInput={(event) => put({ address: event.currentTarget.value })}
              onBlur={paste}
            />
          </Field>
          <AddressHelp
            written={form.address}
            onChoose={({ main, small }) => put({ address: main, second: small })}
          />
          <div class="pair">
            <Field label="User" hint="Empty where the camera asks for none." error={errors.user ?? null}>
              <input
                name="user"
                value={form.user}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                data-doubt={kind === "user" || undefined}
                onInput={(event) => put({ user: event.currentTarget.value })}
              />
            </Field>
            <Field label="Password" hint="Stays in this box, and is never shown again.">
              <Password value={form.password} onInput={(password) => put({ password })} />
            </Field>
          </div>
          <Field label="Name" hint="Such as Front door." error={errors.name ?? null}>
            <input
              name="name"
              value={form.name}
              maxLength={100}
              placeholder={freeName()}
              autocomplete="off"
              onInput={(event) => put({ name: event.currentTarget.value })}
            />
          </Field>
          <details class="more" open={form.second !== "" || errors.second !== undefined}>
            <summary>A second, smaller stream</summary>
            <Field
              label="Second address"
              hint="A smaller stream of the same camera, for the overview of all cameras; read with the same user and password."
              error={errors.second ?? null}
            >
              <input
                name="live_address"
                value={form.second}
                placeholder="rtsp://192.168.1.20/stream2"
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                inputMode="url"
                onInput={(event) => put({ second: event.currentTarget.value })}
              />
            </Field>
          </details>
          {errors.form !== undefined && (
            <p class="error" role="alert">
              {errors.form}
            </p>
          )}
          <div class="actions">
            <Button kind="primary" type="submit" disabled={isTrying}>
              {isTrying ? "Connecting …" : isGood ? "Add this camera" : "Test it"}
            </Button>
            {isGood ? (
              <Button onClick={tryIt}>Test again</Button>
            ) : (
              <Button onClick={add} disabled={isTrying}>
                Add without a test
              </Button>
            )}
          </div>
        </form>
        <Trial isTrying={isTrying} result={tried?.address === whole ? tried.result : null} />
      </div>
    </>
  );
}

function freeName(): string {
  const taken = new Set(cameraList.value.map(({ name }) => name));
  let n = taken.size + 1;
  while (taken.has(`Camera ${n}`)) n += 1;
  return `Camera ${n}`;
}
