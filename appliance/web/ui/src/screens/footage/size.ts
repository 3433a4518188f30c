// How large an export will be, told before it is made.

/** Longer than this the sizes of all pieces are not worth fetching: the rate of the camera says it well enough. */
export const EXACT_SIZE_MS = 3_600_000;

/** The bytes of the pieces that a playlist names. */
export function bytesOf(playlist: string): number {
  let sum = 0;
  for (const [, bytes] of playlist.matchAll(/^#EXT-X-BYTERANGE:(\d+)/gm)) sum += Number(bytes);
  return sum;
}

/** The bytes of so much footage at the rate of its camera. */
export const bytesAt = (bitrateBps: number, recordedMs: number) => (bitrateBps / 8) * (recordedMs / 1000);
