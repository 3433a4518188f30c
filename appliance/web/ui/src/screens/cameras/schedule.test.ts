import { describe, expect, it } from "vitest";
import type { Schedule } from "../../wire";
import { clockOf, daysInWords, inWords, minutesOf, modesIn, painted, scheduleOf, weekOf } from "./schedule";

const WORKDAYS: Schedule["days"] = ["mon", "tue", "wed", "thu", "fri"];
const work: Schedule = { days: WORKDAYS, from: "08:00", to: "18:00", mode: "motion" };
const night: Schedule = { days: ["sun"], from: "22:30", to: "06:00", mode: "off" };

const at = (week: ReturnType<typeof weekOf>, day: number, clock: string) =>
  week[day * 1440 + minutesOf(clock)];

describe("a schedule", () => {
  it("lets the first entry that holds decide", () => {
    const week = weekOf([{ ...work, mode: "off", from: "12:00", to: "13:00" }, work]);
    expect(at(week, 0, "11:59")).toBe("motion");
    expect(at(week, 0, "12:00")).toBe("off");
    expect(at(week, 0, "13:00")).toBe("motion");
    expect(at(week, 0, "18:00")).toBeNull();
    expect(at(week, 5, "12:00")).toBeNull();
  });

  it("goes on into the next day, and from Sunday into Monday", () => {
    const week = weekOf([night]);
    expect(at(week, 6, "22:29")).toBeNull();
    expect(at(week, 6, "22:30")).toBe("off");
    expect(at(week, 0, "05:59")).toBe("off");
    expect(at(week, 0, "06:00")).toBeNull();
    expect(at(week, 6, "05:59")).toBeNull();
  });

  it("holds a whole day round where it ends when it began", () => {
    const week = weekOf([{ days: ["mon"], from: "08:00", to: "08:00", mode: "off" }]);
    expect(at(week, 0, "08:00")).toBe("off");
    expect(at(week, 1, "07:59")).toBe("off");
    expect(at(week, 1, "08:00")).toBeNull();
  });

  it.each([
    [[work]],
    [[night]],
    [[work, night]],
    [[{ ...work, to: "24:00" }, night, { ...night, days: ["tue"] }]],
  ])("comes back from the grid of the week meaning the same", (schedule) => {
    const again = scheduleOf(weekOf(schedule as Schedule[]));
    expect(weekOf(again)).toEqual(weekOf(schedule as Schedule[]));
  });

  it("is made of as few entries as people would make", () => {
    expect(scheduleOf(weekOf([work]))).toEqual([work]);
    expect(scheduleOf(weekOf([night]))).toEqual([night]);
  });

  it("is painted by days and hours, and wiped", () => {
    const lunch = painted([work], { days: [4, 0], hours: [12, 12] }, "off");
    expect(lunch).toHaveLength(3);
    expect(at(weekOf(lunch), 2, "12:30")).toBe("off");
    expect(at(weekOf(lunch), 2, "11:30")).toBe("motion");
    expect(painted(lunch, { days: [0, 6], hours: [0, 23] }, null)).toEqual([]);
    expect(painted([], { days: [0, 6], hours: [0, 23] }, "events")).toEqual([
      { days: [...WORKDAYS, "sat", "sun"], from: "00:00", to: "24:00", mode: "events" },
    ]);
  });

  it("says which modes hold within an hour", () => {
    expect(modesIn(weekOf([night]), 6, 22)).toEqual([null, "off"]);
    expect(modesIn(weekOf([night]), 6, 23)).toEqual(["off"]);
  });

  it("says in words what will be done", () => {
    expect(inWords({ mode: "continuous", schedule: [] })).toEqual(["Everything is recorded, day and night."]);
    expect(inWords({ mode: "continuous", schedule: [work, night] })).toEqual([
      "Monday to Friday from 08:00 to 18:00: it records when something moves.",
      "Sunday from 22:30 to 06:00 on the next day: nothing is recorded.",
      "At all other times: everything is recorded.",
    ]);
    const both = inWords({ mode: "off", schedule: [{ ...work, days: ["mon"], mode: "off" }, work] });
    expect(both.at(-1)).toBe("Where two of these hold, the upper one decides.");
  });

  it.each([
    [["sat", "sun"], "Saturday and Sunday"],
    [["sun", "mon", "tue", "wed"], "Monday to Wednesday and Sunday"],
    [["mon", "wed", "fri"], "Monday, Wednesday and Friday"],
    [["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "every day"],
  ] as [Schedule["days"], string][])("says %j as %s", (days, words) => {
    expect(daysInWords(days)).toBe(words);
  });

  it("writes times of day as the API has them", () => {
    expect([clockOf(0), clockOf(485), clockOf(1440)]).toEqual(["00:00", "08:05", "24:00"]);
  });
});
