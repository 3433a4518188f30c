// Which wall time lies where in what hls.js plays: positions in a file begin at 0, and hls.js says where it put them.

import type Hls from "hls.js";
import type { Events } from "hls.js";
import { endOf, type JoinedPlaylist } from "./joined_playlist";

const SLACK_S = 0.001;

interface Place {
  /** Where the piece begins in what is played. */
  startS: number;
  index: number;
}

/** The positions of one list in one player. */
export class WallClock {
  #hls: Hls | null = null;
  // Of each piece that was appended: the position in its file minus that in what is played.
  #shiftS = new Map<number, number>();
  #fileShiftS = new Map<number, number>();

  constructor(private readonly list: JoinedPlaylist) {}

  /** Learn from a player where it puts what it appends. */
  follow(hls: Hls, names: typeof Events): void {
    this.#hls = hls;
    hls.on(names.INIT_PTS_FOUND, (_name, { frag, initPTS, timescale }) => {
      this.#fileShiftS.set(frag.cc, initPTS / timescale);
    });
    hls.on(names.FRAG_PARSED, (_name, { frag }) => {
      const shift = this.#fileShiftS.get(frag.cc);
      if (shift !== undefined && typeof frag.sn === "number") this.#shiftS.set(frag.sn, shift);
    });
  }

  /** When what is at this position was taken; null where nothing is known of it. */
  wallAt(positionS: number): number | null {
    const place = this.#placeAt(positionS);
    const piece = place === null ? undefined : this.list.pieces[place.index];
    if (place === null || piece === undefined) return null;
    const shift = this.#shiftS.get(place.index);
    if (shift !== undefined) return piece.file.startMs + (positionS + shift) * 1000;
    return piece.startMs + Math.min(Math.max(0, positionS - place.startS), piece.seconds) * 1000;
  }

  /** Where a moment lies; of one in a gap, where it goes on. Null outside of the list. */
  positionOf(wallMs: number): number | null {
    const index = this.list.indexOf(wallMs);
    const piece = index === null ? undefined : this.list.pieces[index];
    if (index === null || piece === undefined) return null;
    const at = Math.min(Math.max(wallMs, piece.startMs), endOf(piece));
    const shift = this.#shiftS.get(index);
    if (shift !== undefined) return Math.max(0, (at - piece.file.startMs) / 1000 - shift);
    return (this.#startOf(index) ?? 0) + (at - piece.startMs) / 1000;
  }

  get #fragments() {
    return this.#hls?.levels[0]?.details?.fragments ?? [];
  }

  #placeAt(positionS: number): Place | null {
    const found = this.#fragments.findLast((one) => one.start <= positionS + SLACK_S);
    return found === undefined ? null : { startS: found.start, index: Number(found.sn) };
  }

  #startOf(index: number): number | null {
    const known = this.#fragments.find((one) => one.sn === index);
    if (known !== undefined) return known.start;
    return this.list.pieces.slice(0, index).reduce((sum, piece) => sum + piece.seconds, 0);
  }
}
