// A trial of an address: under way, or how it went. What was tried says nothing of what is written since.

import { useRef, useState } from "preact/hooks";
import { post } from "../../api";
import type { CameraTrialResult } from "../../wire";

export interface TrialState {
  isTrying: boolean;
  result: CameraTrialResult | null;
  /** Try the address as it is now; throws what the server refuses of it. */
  start: () => Promise<void>;
}

export function useTrial(address: string): TrialState {
  const [trying, setTrying] = useState<string | null>(null);
  const [tried, setTried] = useState<{ address: string; result: CameraTrialResult } | null>(null);
  const attempts = useRef(0);
  const start = async () => {
    attempts.current += 1;
    const mine = attempts.current;
    setTrying(address);
    setTried(null);
    try {
      const { data } = await post<CameraTrialResult>("/cameras/test", { address });
      if (mine === attempts.current) setTried({ address, result: data });
    } catch (problem) {
      if (mine === attempts.current) throw problem;
    } finally {
      if (mine === attempts.current) setTrying(null);
    }
  };
  return {
    isTrying: trying === address,
    result: tried?.address === address ? tried.result : null,
    start,
  };
}
