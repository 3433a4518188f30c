// How hls.js is set up for the box's footage, and what this browser can play.

import type { ErrorData, HlsConfig } from "hls.js";

const AHEAD_S = 30;

/** Whether this browser plays these codecs. */
export const canPlay = (codecs: string) =>
  "MediaSource" in window && MediaSource.isTypeSupported(`video/mp4; codecs="${codecs}"`);

/** So much is fetched ahead of what is shown: more where it plays faster. */
export const aheadOf = (rate: number) => AHEAD_S * Math.max(1, rate / 2);

export function configOf(pLoader: HlsConfig["pLoader"], rate: number): Partial<HlsConfig> {
  return {
    enableWorker: false,
    lowLatencyMode: false,
    ...(pLoader && { pLoader }),
    maxBufferLength: aheadOf(rate),
    backBufferLength: AHEAD_S,
    // Sound that ends before its pictures leaves a hole of some milliseconds, at which a browser stops.
    maxBufferHole: 0.5,
    liveDurationInfinity: false,
  };
}

/** What to say of an error after which it does not go on. */
export function failureWords(data: ErrorData, isOfMedia: boolean): string {
  const status = data.response?.code;
  if (status === 404) return "This footage is not there any more.";
  if (isOfMedia) return "The browser cannot decode this footage.";
  return status ? `Nightjar answered with status ${status}.` : "Nightjar does not answer.";
}
