import { describe, expect, it } from "vitest";
import { BETWEEN_NEWS_MS, News } from "./news";

function board() {
  const said: string[] = [];
  let nowMs = 1000;
  let waiting: { work: () => void; ms: number } | null = null;
  const news = new News(
    (words) => said.push(words),
    () => nowMs,
    (work, ms) => {
      waiting = { work, ms };
      return 1;
    },
    () => {
      waiting = null;
    },
  );
  const pass = (ms: number) => {
    nowMs += ms;
    const due = waiting;
    waiting = null;
    due?.work();
  };
  return { news, said, pass };
}

describe("what is new", () => {
  it("is said at once when it was quiet", () => {
    const { news, said } = board();
    news.add("High: person");
    expect(said).toEqual(["High: person"]);
  });

  it("is gathered into one sentence when much happens", () => {
    const { news, said, pass } = board();
    for (const sentence of ["one", "two", "three"]) news.add(sentence);
    expect(said).toEqual(["one"]);
    pass(BETWEEN_NEWS_MS);
    expect(said).toEqual(["one", "2 new events. The last one: three"]);
  });

  it("is not said any more once the screen was left", () => {
    const { news, said, pass } = board();
    news.add("one");
    news.add("two");
    news.close();
    pass(BETWEEN_NEWS_MS);
    expect(said).toEqual(["one"]);
  });
});
