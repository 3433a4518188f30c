import { describe, expect, it } from "vitest";
import type { Candidate } from "../../wire";
import { linkTo, momentOf, renewed, titleOf, wishOf } from "./candidates";

const one = (changes: Partial<Candidate> = {}): Candidate => ({
  id: "c1",
  what: "event",
  camera_id: "front",
  track_id: 7,
  label: "person",
  started_at: "2026-09-21T14:13:20.000Z",
  last_seen_at: "2026-09-21T14:13:24.000Z",
  score: 0.61,
  box: [0.1, 0.2, 0.3, 0.9],
  reason: "best score 0.61 < 0.70",
  steps: [],
  event_id: null,
  rule_id: null,
  rule_name: null,
  ...changes,
});

describe("what nearly became something", () => {
  it("is asked for as the address says, where that makes sense", () => {
    expect(wishOf({ camera: "front", what: "alert" })).toEqual({ camera: "front", what: "alert" });
    expect(wishOf({ what: "nonsense" })).toEqual({ camera: "", what: "" });
  });

  it("says what it did not become", () => {
    expect(titleOf(one())).toBe("Person: no event");
    expect(titleOf(one({ what: "alert", rule_name: "Night" }))).toBe("Person: no alert by “Night”");
    expect(titleOf(one({ what: "alert" }))).toBe("Person: no alert");
  });

  it("has its picture from the middle of its time", () => {
    expect(momentOf(one())).toBe("2026-09-21T14:13:22.000Z");
  });

  it("leads to its event, or to the footage of its time", () => {
    expect(linkTo(one({ event_id: "e1" }))).toBe("/events/e1");
    expect(linkTo(one())).toBe("/footage?camera=front&at=2026-09-21T14%3A13%3A20.000Z");
  });

  it("comes on top when it is newer, and once", () => {
    const [old, fresh] = [one(), one({ id: "c2", started_at: "2026-09-21T14:13:21.000Z" })];
    expect(renewed([old], [fresh, old]).map(({ id }) => id)).toEqual(["c2", "c1"]);
    const same = [old];
    expect(renewed(same, [old])).toBe(same);
  });
});
