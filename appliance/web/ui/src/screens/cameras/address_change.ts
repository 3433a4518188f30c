// What is new in the form of a camera's address, and what that means.

import type { CameraAddress, CameraChange } from "../../wire";
import { hostOf, joined, normal, type Parts, parted } from "./address";

export interface AddressDraft extends Parts {
  second: string;
}

export interface Compared {
  /** What the fields show: what was written, else what holds. */
  form: AddressDraft;
  parts: Parts;
  change: CameraChange;
  /** Another machine is meant: it is not given the user and password of the present one. */
  forgets: boolean;
  /** Whether a trial would say anything: without its password the camera would refuse, and may lock out who errs. */
  canTest: boolean;
}

export function compared(written: Partial<AddressDraft>, present: CameraAddress | null): Compared {
  const address = present?.address ?? "";
  const second = present?.live_address ?? "";
  const form = { address, second, user: "", password: "", ...written };
  const parts = parted(form.address, form);
  const isNew = parts.address !== address || parts.user !== "" || parts.password !== "";
  const newSecond = normal(form.second);
  const change: CameraChange = {
    ...(isNew && { address: joined(parts) }),
    ...(newSecond !== second && { live_address: newSecond === "" ? null : newSecond }),
  };
  const forgets = isNew && parts.user === "" && hostOf(parts.address) !== hostOf(address);
  const canTest = isNew && (parts.user !== "" || !present?.has_credentials || forgets);
  return { form, parts, change, forgets, canTest };
}
