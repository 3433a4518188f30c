// Which picture a <video> shows, and how long pictures last.

const USUAL_FRAME_S = 1 / 15;
const SHORTEST_FRAME_S = 0.004;

/** Follows the pictures of one element for as long as it lives. */
export class ShownFrames {
  /** Where the picture that is shown begins; null where there is none. */
  atS: number | null = null;
  /** How long one lasts, as far as was seen. */
  lastsS = USUAL_FRAME_S;

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
    // Pictures that were left out make it longer, never shorter.
    if (!this.video.paused && since > SHORTEST_FRAME_S && since < 1) {
      this.lastsS = Math.min(since, this.lastsS * 1.1);
    }
    this.atS = positionS;
    this.shown(positionS);
  }
}
