import { describe, expect, it } from "vitest";
import type { Camera, CameraDay, HostStats, QueueReport } from "../../wire";
import type { DayRow, Figure } from "./camera_day";
import { concernsOf, howMuch, type Known, verdictOf } from "./concerns";
import { partWords } from "./part_words";

const host: HostStats = {
  cpu_percent: 99,
  core_percents: [],
  load: null,
  memory_total_bytes: 1000,
  memory_available_bytes: 500,
  swap_total_bytes: null,
  swap_used_bytes: null,
  processes: [],
  temperatures: [],
  uptime_s: null,
  clock_synchronised: true,
};
const known = (more: Partial<Known>): Known => ({
  health: null,
  cameras: [],
  host: null,
  storage: null,
  queues: [],
  ...more,
});
const titles = (more: Partial<Known>) => concernsOf(known(more)).map((one) => one.title);

describe("concerns", () => {
  it("has none while nothing is known, or all is well", () => {
    expect(concernsOf(known({}))).toEqual([]);
    const parts = [{ part: "web", level: "ok", reason: "" }];
    expect(concernsOf(known({ health: { level: "ok", parts }, host }))).toEqual([]);
  });

  it("puts what has failed before what needs a look", () => {
    const parts = [
      { part: "disk", level: "degraded", reason: "only 0.9 GB are free" },
      { part: "database", level: "failed", reason: "" },
    ];
    const found = concernsOf(known({ health: { level: "failed", parts } }));
    expect(found.map((one) => [one.title, one.tone])).toEqual([
      ["Database", "bad"],
      ["Disk of the data", "warn"],
    ]);
    expect(found[1]?.found).toBe("Only 0.9 GB are free.");
  });

  it("says that a GPU is lost, what that means and where to look", () => {
    const parts = [{ part: "gpu", level: "failed", reason: "GPU lost (Xid 79)" }];
    const [found] = concernsOf(known({ health: { level: "failed", parts } }));
    expect(found).toMatchObject({ title: "GPU", tone: "bad", found: "GPU lost (Xid 79)." });
    expect(found?.link?.href).toBe("#sys-gpu");
  });

  it("names a camera that is not reached, unless it is switched off", () => {
    const camera = {
      id: "a b",
      name: "Front",
      enabled: true,
      status: "offline",
      status_reason: "no answer",
    } as Camera;
    const [found] = concernsOf(known({ cameras: [camera] }));
    expect(found).toMatchObject({ title: "Front is not reached", found: "No answer." });
    expect(found?.link?.href).toBe("/cameras/a%20b");
    expect(titles({ cameras: [{ ...camera, enabled: false }] })).toEqual([]);
    expect(titles({ cameras: [{ ...camera, status: "connecting" }] })).toEqual([]);
  });

  it("tells a clock that nobody keeps right from one that cannot be asked", () => {
    expect(titles({ host: { ...host, clock_synchronised: false } })).toEqual(["The clock is not kept right"]);
    expect(titles({ host: { ...host, clock_synchronised: null } })).toEqual([]);
  });

  it("judges heat by the limit that the device itself names, and by none where it names none", () => {
    const at = (celsius: number, limit_c: number | null) =>
      titles({ host: { ...host, temperatures: [{ name: "CPU", celsius, limit_c }] } });
    expect(at(70, 90)).toEqual([]);
    expect(at(85, 90)).toEqual(["CPU is nearly too hot"]);
    expect(at(91, 90)).toEqual(["CPU is too hot"]);
    expect(at(120, null)).toEqual([]);
  });

  it("speaks of what was left out in the last hour, not of what was long ago", () => {
    const queue = (key: string, lately: number | null): QueueReport => ({
      key,
      kind: "queue",
      name: "Footage",
      unit: "pieces",
      when_full: "it is left out",
      length: 0,
      capacity: 1,
      dropped: 500,
      dropped_last_hour: lately,
    });
    expect(titles({ queues: [queue("footage lost", 1)] })).toEqual(["1 piece left out in the last hour"]);
    expect(titles({ queues: [queue("footage lost", 0), queue("footage lost", null)] })).toEqual([]);
    expect(titles({ queues: [queue("detector", 60)] })).toEqual([]);
    expect(titles({ queues: [queue("detector", 61)] })).toEqual(["61 pieces left out in the last hour"]);
    expect(titles({ queues: [queue("live video", 400)] })).toEqual([]);
  });

  it("says once that cameras were not well, save those that are away now", () => {
    const trouble = (name: string, ...figures: Figure[]): DayRow => ({
      camera: { id: name, name } as Camera,
      day: {} as CameraDay,
      findings: [{ figures, tone: "bad", title: "", means: "", links: [] }],
    });
    const slow = trouble("Yard", "fps");
    const days = [trouble("Front", "missing"), trouble("Barn", "state", "online"), trouble("Door", "losses")];
    const [found, ...others] = concernsOf(known({ days }));
    expect(others).toEqual([]);
    expect(found?.title).toBe("2 cameras had trouble in the last 24 hours");
    expect(found?.found).toBe("Front, Door.");
    expect(found?.link?.href).toBe("#sys-cameras");
    const warned = { ...slow, findings: slow.findings.map((one) => ({ ...one, tone: "warn" as const })) };
    expect(titles({ days: [warned] })).toEqual([]);
  });

  it("leads to where it is mended", () => {
    const parts = ["database", "disk", "model", "storage /mnt/a", "cameras"].map((part) => ({
      part,
      level: "failed",
      reason: "",
    }));
    const found = concernsOf(known({ health: { level: "failed", parts } }));
    expect(found.map(({ link }) => link?.href)).toEqual([
      "#sys-database",
      "#sys-disks",
      "#sys-detector",
      "#sys-disks",
      "/cameras",
    ]);
    // What only a command helps with leads nowhere.
    expect(concernsOf(known({ host: { ...host, clock_synchronised: false } }))[0]?.link).toBeUndefined();
  });

  it("names a disk that is not there, with the way to give it up", () => {
    const storage = {
      paths: [],
      cameras: [],
      absent: [{ id: "v1", path: "/mnt/old", footage_bytes: 5e9, protected_bytes: 0 }],
    };
    expect(concernsOf(known({ storage }))[0]?.next).toContain("`nightjar forget-volume v1`");
  });
});

describe("the verdict", () => {
  const answer = { data: {}, problem: null };

  it("says that all is well only where all of it was asked", () => {
    expect(verdictOf([], howMuch(true, [answer, answer]))).toEqual({
      tone: "good",
      text: "Everything is well",
    });
    expect(verdictOf([], howMuch(true, [answer, { data: null, problem: null }])).text).toBe("Asking …");
    const lost = verdictOf([], howMuch(false, [answer]));
    expect(lost).toMatchObject({ tone: "wait", text: expect.stringMatching(/^Not known/) });
    expect(verdictOf([], howMuch(true, [{ data: {}, problem: "no answer" }]))).toEqual(lost);
  });

  it("counts what is wrong, whatever else could not be asked", () => {
    const found = concernsOf(known({ host: { ...host, clock_synchronised: false } }));
    expect(verdictOf(found, "of before")).toEqual({ tone: "warn", text: "1 thing needs attention" });
  });
});

describe("words of parts", () => {
  it("has words for any part", () => {
    expect(partWords("storage /mnt/a").name).toBe("Storage /mnt/a");
    expect(partWords("sending to Phone").name).toBe("Sending to Phone");
    expect(partWords("something new").name).toBe("Something new");
    for (const part of ["database", "something new"]) {
      expect(partWords(part).means).not.toBe("");
      expect(partWords(part).next).not.toBe("");
    }
  });
});
