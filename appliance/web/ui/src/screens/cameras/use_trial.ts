// A trial of an address: under way, or how it went. What was tried says nothing of what is written since.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { ask } from "../../api";
import type { CameraTrial, CameraTrialResult } from "../../wire";

export interface Tried {
  /** What the result is about: another address than was given, where one was found. */
  address: string;
  result: CameraTrialResult;
  /** What is to be done with it. */
  use?: () => void;
}

export interface TrialState {
  isTrying: boolean;
  result: CameraTrialResult | null;
  /** Try the address as it is now; throws what the server refuses of it. */
  start: () => Promise<void>;
  cancel: () => void;
}

export function useTrial(address: string, attempt: (signal: AbortSignal) => Promise<Tried>): TrialState {
  const [isTrying, setTrying] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const running = useRef<AbortController | null>(null);
  const cancel = () => {
    running.current?.abort();
    running.current = null;
    setTrying(false);
  };
  // Nobody waits for an answer about something else than what is written now, or after leaving. At once: an
  // effect after the next painting would end a trial that was begun right after the last key.
  useLayoutEffect(() => cancel, [address]);
  const start = async () => {
    cancel();
    const mine = new AbortController();
    running.current = mine;
    setTrying(true);
    setTried(null);
    try {
      const done = await attempt(mine.signal);
      if (running.current !== mine) return;
      running.current = null;
      setTried(done);
      done.use?.();
    } catch (problem) {
      if (running.current === mine) throw problem;
    } finally {
      if (running.current === mine) running.current = null;
      if (running.current === null) setTrying(false);
    }
  };
  return { isTrying, result: tried?.address === address ? tried.result : null, start, cancel };
}

/** Try one address; a second one is not advised where there is one. */
export async function tested(address: string, second: string, signal: AbortSignal): Promise<Tried> {
  const body: CameraTrial = { address, has_live_address: second !== "" };
  const { data } = await ask<CameraTrialResult>("POST", "/cameras/test", body, signal);
  return { address, result: data };
}
