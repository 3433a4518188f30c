// Plays recorded footage into a <video>: hls.js over the box's playlists, each picture with its wall time.

/** What is played: a camera's footage from a moment on, over gaps and into what is being recorded; or a clip. */
export type Source = { cameraId: string; fromMs: number } | { eventId: string };

export type PlayerState = "empty" | "waiting" | "playing" | "paused" | "ended" | "failed";

/** Who is told: the time at which the picture that is shown was taken, and how it is doing, in words. */
export interface PlayerListener {
  time(wallMs: number): void;
  state(state: PlayerState, text: string): void;
}
