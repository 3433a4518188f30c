// What is written of a new camera, its trial, and adding it.

import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { ask, post, Refusal, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import { cameraList, putCamera } from "../../state/session";
import type { Camera, CameraSearchResult, NewCamera } from "../../wire";
import { joined, normal, type Place, parted, placeOf, problemOf, sorted } from "./address";
import { useDraft } from "./drafts";
import { type Tried, tested, useTrial } from "./use_trial";

export interface Form {
  address: string;
  user: string;
  password: string;
  /** Of a second, smaller stream. */
  second: string;
  name: string;
}

export type Errors = Partial<Record<keyof Form | "form", string>>;

const NOTHING = "Write the camera's IP address or name, such as 192.168.1.20.";
const EMPTY: Form = { address: "", user: "", password: "", second: "", name: "" };
/** What the server calls a field, and what it is called here. */
const FIELDS: Record<string, keyof Form> = {
  address: "address",
  live_address: "second",
  name: "name",
  user: "user",
  password: "password",
};

export function useNewCamera() {
  const { route } = useLocation();
  const draft = useDraft<Form>("new camera");
  const form = { ...EMPTY, ...draft.written };
  const [errors, setErrors] = useState<Errors>({});
  const [isAdding, setAdding] = useState(false);
  const whole = joined(parted(form.address, form));
  const place = placeOf(sorted(form.address, form).address);
  const { isTrying, result, start, cancel } = useTrial(whole, (signal) =>
    place === null ? tested(whole, form.second, signal) : found(place, signal),
  );

  const put = (change: Partial<Form>) => {
    draft.put(change);
    setErrors({});
  };
  const attempt = async (work: () => Promise<void>) => {
    const problem = form.address.trim() === "" ? NOTHING : problemOf(form.address);
    setErrors(problem === null ? {} : { address: problem });
    if (problem !== null) return;
    try {
      await work();
    } catch (refused) {
      setErrors(errorsOf(refused));
    }
  };
  /** Look for the streams of a camera; what is found is filled in, to be seen and changed. */
  const found = async (at: Place, signal: AbortSignal): Promise<Tried> => {
    const { user, password } = sorted(form.address, form);
    const port = at.port === null ? {} : { port: at.port };
    const body = { host: at.host, user, password, ...port };
    const { data } = await ask<CameraSearchResult>("POST", "/cameras/find", body, signal);
    const { address, live_address: second, trial: result } = data;
    if (address === null) return { address: whole, result };
    const use = () => put({ address, second: second ?? "", user, password });
    return { address: joined({ address, user, password }), result, use };
  };
  const tryIt = () => attempt(start);
  const add = async () => {
    // Enter twice adds one camera.
    if (isAdding) return;
    setAdding(true);
    await attempt(async () => {
      const { data } = await post<Camera>("/cameras", bodyOf(form, whole));
      draft.drop();
      putCamera(data);
      tell({ text: `${data.name} is added.`, tone: "good" });
      route(`/cameras/${data.id}`);
    });
    setAdding(false);
  };
  /** Give what was pasted into the address to the fields where it belongs. */
  const sortOut = () => {
    const { address, user, password } = sorted(form.address, form);
    if (address !== form.address) put({ address, user, password });
  };
  /** Only where the camera is, is known (or not even that): its streams have to be found. */
  const isPlace = place !== null || form.address.trim() === "";
  return { form, errors, isPlace, isTrying, isAdding, result, put, tryIt, cancel, add, sortOut };
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
