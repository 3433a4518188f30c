import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connected, inTurn } from "./turns";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("lets few connect at once, in order, and passes over who has left", () => {
  const begun: number[] = [];
  const done: (() => void)[] = [];
  const leave = [...Array(8).keys()].map((n) =>
    inTurn((over) => {
      begun.push(n);
      done.push(over);
    }),
  );
  expect(begun).toEqual([0, 1, 2, 3]);
  leave[4]?.();
  done[1]?.();
  // Who says twice that it is over counts once.
  done[1]?.();
  expect(begun).toEqual([0, 1, 2, 3, 5]);
  // Who has had a turn cannot leave any more: it says when it is over.
  leave[0]?.();
  for (const over of [...done]) over();
  expect(begun).toEqual([0, 1, 2, 3, 5, 6, 7]);
  for (const over of [...done]) over();
});

it("goes on where nothing is heard of those who have had their turn", () => {
  const begun: number[] = [];
  for (let n = 0; n < 6; n += 1) inTurn(() => begun.push(n));
  expect(begun.length).toBe(4);
  vi.advanceTimersByTime(2000);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  vi.advanceTimersByTime(2000);
});

it("tells when those are done whose turn it is now, whoever comes after them", async () => {
  const done: (() => void)[] = [];
  for (let n = 0; n < 5; n += 1) inTurn((over) => done.push(over));
  const told = vi.fn();
  void connected().then(told);
  for (const over of done.slice(0, 3)) over();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).not.toHaveBeenCalled();
  done[3]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toHaveBeenCalledOnce();
  for (const over of done) over();
});
