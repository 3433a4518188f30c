import { expect, test } from "vitest";
import { JoinedPlaylist, readPlaylist } from "./joined_playlist";

const BASE = "http://box/api/v1/cameras/front/footage.m3u8";
const T0 = Date.parse("2026-11-23T15:00:00Z");

/** A playlist of the box: of each file its id, when it begins, and how many pieces of 2 s it has. */
function playlist(files: [string, number, number][], ended = true): string {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:7"];
  for (const [id, startS, count] of files) {
    const startMs = T0 + startS * 1000;
    const at = new Date(startMs).toISOString();
    lines.push(
      `#EXT-X-DATERANGE:ID="${id}",CLASS="file",START-DATE="${at}",X-START-US="${startMs * 1000}",X-CODECS="avc1.64001f,mp4a.40.2"`,
      `#EXT-X-MAP:URI="../../segments/${id}.mp4",BYTERANGE="700@0"`,
    );
    for (let i = 0; i < count; i += 1) {
      lines.push(
        `#EXT-X-PROGRAM-DATE-TIME:${new Date(startMs + i * 2000).toISOString()}`,
        "#EXTINF:2.000000,",
        `#EXT-X-BYTERANGE:1000@${700 + i * 1000}`,
        `../../segments/${id}.mp4`,
      );
    }
  }
  if (ended) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

const read = (...given: Parameters<typeof playlist>) => readPlaylist(playlist(...given), BASE);

test("a playlist is read: its files with their codecs, its pieces with their places and times", () => {
  const { pieces, ended } = read([["a", 0, 2]]);
  expect(ended).toBe(true);
  expect(pieces).toHaveLength(2);
  expect(pieces[1]).toEqual({
    file: {
      url: "http://box/api/v1/segments/a.mp4",
      startMs: T0,
      codecs: "avc1.64001f,mp4a.40.2",
      initSize: 700,
    },
    startMs: T0 + 2000,
    seconds: 2,
    size: 1000,
    offset: 1700,
  });
});

test("what is asked for again adds only what is new", () => {
  const list = new JoinedPlaylist();
  expect(list.add(read([["a", 0, 2]], false).pieces)).toBe(2);
  expect(list.add(read([["a", 0, 3]], false).pieces)).toBe(1);
  expect(list.add(read([["a", 0, 3]], false).pieces)).toBe(0);
  expect(list.seconds).toBe(6);
  expect(list.endMs).toBe(T0 + 6000);
});

test("it only grows at its end: a text is the begin of every later one", () => {
  const list = new JoinedPlaylist();
  list.add(read([["a", 0, 2]], false).pieces);
  const before = list.text(false, 0);
  list.add(
    read(
      [
        ["a", 0, 3],
        ["b", 6, 1],
      ],
      false,
    ).pieces,
  );
  expect(list.text(false, 0).startsWith(before.trimEnd())).toBe(true);
});

test("another file begins with a discontinuity and its own init; the same one does not", () => {
  const list = new JoinedPlaylist();
  list.add(read([["a", 0, 1]]).pieces);
  list.add(
    read([
      ["a", 0, 2],
      ["b", 60, 1],
    ]).pieces,
  );
  const text = list.text(true, 1.5);
  expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
  expect(text.match(/#EXT-X-MAP/g)).toHaveLength(2);
  expect(text).toContain("#EXT-X-START:TIME-OFFSET=1.500000,PRECISE=YES");
  expect(text.endsWith("#EXT-X-ENDLIST\n")).toBe(true);
});

test.each([
  [-1, null],
  [0, 0],
  [1999, 0],
  [2000, 1],
  [30_000, 2],
  [61_000, 2],
  [62_000, null],
])("the piece at %d ms is number %s; in a gap it is the one after it", (ms, index) => {
  const list = new JoinedPlaylist();
  list.add(
    read([
      ["a", 0, 2],
      ["b", 60, 1],
    ]).pieces,
  );
  expect(list.indexOf(T0 + ms)).toBe(index);
});

/** Three files: without sound, with it, and without again. */
const withSound = () => {
  const { pieces } = read([
    ["a", 0, 1],
    ["b", 2, 2],
    ["c", 6, 1],
  ]);
  return pieces.map((piece) =>
    piece.file.url.endsWith("b.mp4") ? piece : { ...piece, file: { ...piece.file, codecs: "avc1.64001f" } },
  );
};

test.each([
  [0, 0, 2, true],
  [T0, 0, 2, true],
  [T0 + 2000, 2, 4, true],
  [T0 + 5999, 2, 4, true],
  [T0 + 6000, 6, 2, false],
])(
  "where sound comes in or stops a list ends; from %d on it is the one from %d s",
  (fromMs, startS, seconds, cut) => {
    const list = new JoinedPlaylist(fromMs);
    list.add(withSound());
    expect(list.startMs).toBe(T0 + startS * 1000);
    expect(list.seconds).toBe(seconds);
    expect(list.isCut).toBe(cut);
  },
);

test("nothing at all is an empty list", () => {
  const list = new JoinedPlaylist();
  expect(list.add(read([], false).pieces)).toBe(0);
  expect(list.endMs).toBeNull();
  expect(list.indexOf(T0)).toBeNull();
});
