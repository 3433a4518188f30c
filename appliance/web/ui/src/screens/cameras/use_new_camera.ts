// What is written of a new camera, its trial, and adding it.

import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { post, Refusal, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import { cameraList, putCamera } from "../../state/session";
import type { Camera, CameraTrialResult, NewCamera } from "../../wire";
import { joined, normal, parted, problemOf } from "./address";

export interface Form {
  address: string;
  user: string;
  password: string;
  /** Of a second, smaller stream. */
  second: string;
  name: string;
}

export type Errors = Partial<Record<keyof Form | "form", string>>;

const EMPTY: Form = { address: "", user: "", password: "", second: "", name: "" };
/** What the server calls a field, and what it is called here. */
const FIELDS: Record<string, keyof Form> = { address: "address", live_address: "second", name: "name" };

export function useNewCamera() {
  const { route } = useLocation();
  const [form, setForm] = useState(EMPTY);
  const [errors, setErrors] = useState<Errors>({});
  const [tried, setTried] = useState<{ address: string; result: CameraTrialResult } | null>(null);
  const [isTrying, setTrying] = useState(false);
  const attempt = useRef(0);
  const whole = joined(parted(form.address, form));

  const put = (change: Partial<Form>) => {
    setForm((old) => ({ ...old, ...change }));
    setErrors({});
  };
  const canBeRead = () => {
    const problem = problemOf(form.address);
    setErrors(problem === null ? {} : { address: problem });
    return problem === null;
  };
  const tryIt = async () => {
    if (!canBeRead()) return;
    attempt.current += 1;
    const mine = attempt.current;
    setTrying(true);
    setTried(null);
    try {
      const { data } = await post<CameraTrialResult>("/cameras/test", { address: whole });
      if (mine === attempt.current) setTried({ address: whole, result: data });
    } catch (problem) {
      if (mine === attempt.current) setErrors(errorsOf(problem));
    } finally {
      if (mine === attempt.current) setTrying(false);
    }
  };
  const add = async () => {
    if (!canBeRead()) return;
    try {
      const { data } = await post<Camera>("/cameras", bodyOf(form, whole));
      putCamera(data);
      tell({ text: `${data.name} is added.`, tone: "good" });
      route(`/cameras/${data.id}`);
    } catch (problem) {
      setErrors(errorsOf(problem));
    }
  };
  /** Give what was pasted into the address to the fields where it belongs. */
  const sortOut = () => {
    const { address, user, password } = parted(form.address, form);
    if (address !== form.address) put({ address, user, password });
  };
  // What was tried with other words says nothing of these.
  const result = tried?.address === whole ? tried.result : null;
  return { form, errors, isTrying, result, put, tryIt, add, sortOut };
}

function errorsOf(problem: unknown): Errors {
  const field = problem instanceof Refusal ? FIELDS[problem.field ?? ""] : undefined;
  const isAddress = problem instanceof Refusal && problem.status === 422;
  return { [field ?? (isAddress ? "address" : "form")]: wordsOf(problem) };
}

function bodyOf({ name, second }: Form, address: string): NewCamera {
  const live = normal(second);
  return { name: name.trim() || freeName(), address, ...(live !== "" && { live_address: live }) };
}

/** A name for a camera that is given none. */
export function freeName(): string {
  const taken = new Set(cameraList.value.map(({ name }) => name));
  let n = taken.size + 1;
  while (taken.has(`Camera ${n}`)) n += 1;
  return `Camera ${n}`;
}
