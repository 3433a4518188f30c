// Media playlists of the box, read and joined into one that grows: no piece twice, gaps closed up.

/** A file of footage: when its position 0 was, and what is in it. */
export interface FootageFile {
  url: string;
  startMs: number;
  codecs: string;
  initSize: number;
}

/** A byte range of a file that begins with a keyframe. */
export interface Piece {
  file: FootageFile;
  startMs: number;
  seconds: number;
  size: number;
  offset: number;
}

export interface Playlist {
  pieces: Piece[];
  ended: boolean;
}

const TARGET_S = 6;

/** Read a media playlist of the box; `base` is its own address. */
export function readPlaylist(text: string, base: string): Playlist {
  const pieces: Piece[] = [];
  let ended = false;
  let file: FootageFile = { url: "", startMs: 0, codecs: "", initSize: 0 };
  let next = { startMs: 0, seconds: 0, size: 0, offset: 0 };
  for (const line of text.split("\n")) {
    const [tag, value] = parted(line);
    if (tag === "#EXT-X-DATERANGE") {
      const startMs = Number(attribute(value, "X-START-US")) / 1000;
      file = { url: "", startMs, codecs: attribute(value, "X-CODECS"), initSize: 0 };
    } else if (tag === "#EXT-X-MAP") {
      file.url = new URL(attribute(value, "URI"), base).href;
      file.initSize = Number(attribute(value, "BYTERANGE").split("@")[0]);
    } else if (tag === "#EXT-X-PROGRAM-DATE-TIME") next = { ...next, startMs: Date.parse(value) };
    else if (tag === "#EXTINF") next = { ...next, seconds: Number.parseFloat(value) };
    else if (tag === "#EXT-X-BYTERANGE") {
      const [size = 0, offset = 0] = value.split("@").map(Number);
      next = { ...next, size, offset };
    } else if (tag === "#EXT-X-ENDLIST") ended = true;
    else if (line !== "" && !line.startsWith("#")) pieces.push({ file, ...next });
  }
  return { pieces, ended };
}

function parted(line: string): [string, string] {
  const colon = line.indexOf(":");
  return line.startsWith("#") && colon > 0 ? [line.slice(0, colon), line.slice(colon + 1)] : [line, ""];
}

function attribute(list: string, name: string): string {
  const found = new RegExp(`(?:^|,)${name}=(?:"([^"]*)"|([^,]*))`).exec(list);
  return found?.[1] ?? found?.[2] ?? "";
}

// A player's buffer has as many tracks as it began with: sound cannot come in, nor stop, on the way.
const tracksOf = (file: FootageFile) => file.codecs.split(",").length;

export const endOf = (piece: Piece) => piece.startMs + piece.seconds * 1000;

/** What several playlists say of one time after the other, as one playlist that only grows. */
export class JoinedPlaylist {
  readonly pieces: Piece[] = [];
  /** Sound comes in or stops after its end: what follows belongs to another list. */
  isCut = false;
  #seconds = 0;

  /** The list is to hold this moment, or what comes after it. */
  constructor(private readonly fromMs = 0) {}

  /** How long it lasts. */
  get seconds(): number {
    return this.#seconds;
  }

  get startMs(): number | null {
    return this.pieces[0]?.startMs ?? null;
  }

  get endMs(): number | null {
    const last = this.pieces.at(-1);
    return last === undefined ? null : endOf(last);
  }

  /** Add what lies after the end; returns how many pieces that were. */
  add(pieces: readonly Piece[]): number {
    let count = 0;
    for (const piece of pieces) {
      const last = this.pieces.at(-1);
      if (last !== undefined && piece.startMs < last.startMs + last.seconds * 500) continue;
      if (last !== undefined && tracksOf(last.file) !== tracksOf(piece.file)) {
        if (endOf(last) > this.fromMs) {
          this.isCut = true;
          break;
        }
        this.#clear();
      }
      // A file that was asked for again goes on, and is still the same one.
      const file = last !== undefined && last.file.url === piece.file.url ? last.file : piece.file;
      this.pieces.push({ ...piece, file });
      this.#seconds += piece.seconds;
      count += 1;
    }
    return count;
  }

  #clear(): void {
    this.pieces.length = 0;
    this.#seconds = 0;
  }

  /** The piece that shows this moment, or the first one after it; null after the end, and before the begin. */
  indexOf(wallMs: number): number | null {
    if (this.startMs === null || wallMs < this.startMs) return null;
    const index = this.pieces.findIndex((piece) => wallMs < endOf(piece));
    return index < 0 ? null : index;
  }

  /** The playlist as text; players begin `beginS` seconds after its start. */
  text(isEnded: boolean, beginS: number): string {
    const longest = Math.max(TARGET_S, ...this.pieces.map((piece) => Math.ceil(piece.seconds)));
    const lines = [
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      `#EXT-X-TARGETDURATION:${longest}`,
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-INDEPENDENT-SEGMENTS",
      `#EXT-X-PLAYLIST-TYPE:${isEnded ? "VOD" : "EVENT"}`,
      `#EXT-X-START:TIME-OFFSET=${beginS.toFixed(6)},PRECISE=YES`,
    ];
    let file: FootageFile | null = null;
    for (const piece of this.pieces) {
      if (piece.file !== file) {
        if (file !== null) lines.push("#EXT-X-DISCONTINUITY");
        file = piece.file;
        lines.push(`#EXT-X-MAP:URI="${file.url}",BYTERANGE="${file.initSize}@0"`);
      }
      lines.push(
        `#EXT-X-PROGRAM-DATE-TIME:${new Date(piece.startMs).toISOString()}`,
        `#EXTINF:${piece.seconds.toFixed(6)},`,
        `#EXT-X-BYTERANGE:${piece.size}@${piece.offset}`,
        file.url,
      );
    }
    if (isEnded) lines.push("#EXT-X-ENDLIST");
    return `${lines.join("\n")}\n`;
  }
}
