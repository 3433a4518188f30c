import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { repeat } from "./repeat";

class Page extends EventTarget {
  hidden = false;

  turn(hidden: boolean) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

describe("what is asked for again and again", () => {
  let page: Page;
  let asked: number;
  let answer: () => void;
  const ask = () => {
    asked += 1;
    return new Promise<void>((resolve) => {
      answer = resolve;
    });
  };
  const answered = async () => {
    answer();
    await vi.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    page = new Page();
    asked = 0;
  });
  afterEach(() => vi.useRealTimers());

  it("is asked for at once, and again after the answer", async () => {
    repeat(ask, 1000, page as unknown as Document);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toBe(1);
    await answered();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(2);
  });

  it("rests while the page is hidden, and is asked for at once when it is not any more", async () => {
    repeat(ask, 1000, page as unknown as Document);
    await answered();
    page.turn(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(1);
    page.turn(false);
    expect(asked).toBe(2);
  });

  it("is not asked for twice as often by a page that was hidden while an answer was under way", async () => {
    repeat(ask, 1000, page as unknown as Document);
    for (let times = 0; times < 3; times += 1) {
      page.turn(true);
      page.turn(false);
    }
    expect(asked).toBe(1);
    await answered();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(2);
  });

  it("ends", async () => {
    const end = repeat(ask, 1000, page as unknown as Document);
    end();
    await answered();
    page.turn(false);
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toBe(1);
  });
});
