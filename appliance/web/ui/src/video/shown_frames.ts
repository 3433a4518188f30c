// Which picture a <video> shows, and how long pictures last.

const USUAL_FRAME_S = 1 / 15;
const SHORTEST_FRAME_S = 0.004;
const KEPT = 12;

/** Follows the pictures of one element for as long as it lives. */
export class ShownFrames {
  /** Where the picture that is shown begins; null where there is none. */
  atS: number | null = null;
  /** How long one lasts, as far as was seen. */
  lastsS = USUAL_FRAME_S;

  #seen: number[] = [];

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly shown: (positionS: number) => void,
  ) {
    if ("requestVideoFrameCallback" in video) {
      const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
        this.#take(mediaTime);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    } else {
      const older: HTMLVideoElement = video;
      older.addEventListener("timeupdate", () => this.#take(older.currentTime));
    }
  }

  #take(positionS: number): void {
    const since = positionS - (this.atS ?? positionS);
    // Where pictures were left out it seems to be longer, never shorter.
    if (!this.video.paused && since > SHORTEST_FRAME_S && since < 1) {
      this.#seen.push(since);
      if (this.#seen.length > KEPT) this.#seen.shift();
      this.lastsS = Math.min(...this.#seen);
    }
    this.atS = positionS;
    this.shown(positionS);
  }
}
