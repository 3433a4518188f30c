import { describe, expect, it } from "vitest";
import type { Target } from "../../wire";
import { addition, change, formOf, newSecret, standing } from "./target_words";

const TARGET: Target = {
  id: "t1",
  name: "Phone",
  kind: "ntfy",
  enabled: true,
  address: "https://ntfy.sh/ho…",
  has_secret: true,
  picture: true,
  created_at: "2026-11-26T12:00:00.000Z",
  waiting: 0,
  last: null,
};

describe("what a form asks for", () => {
  it("adds an ntfy topic with its token and nothing of a webhook", () => {
    const form = {
      ...formOf(null),
      topic: " home ",
      login: "token",
      token: "tk_1",
      secret: "left over",
    } as const;
    expect(addition(form)).toEqual({
      kind: "ntfy",
      name: "Phone",
      address: "https://ntfy.sh",
      picture: true,
      topic: "home",
      token: "tk_1",
      user: null,
      password: null,
    });
  });

  it("adds a webhook without what belongs to ntfy", () => {
    const form = { ...formOf(null), kind: "webhook", address: "https://h/x", topic: "left over" } as const;
    expect(addition(form)).toEqual({
      kind: "webhook",
      name: "Webhook",
      address: "https://h/x",
      picture: true,
    });
  });

  it("changes nothing that is left empty", () => {
    expect(change(formOf(TARGET))).toEqual({ name: "Phone", picture: true });
    const form = { ...formOf(TARGET), login: "none" } as const;
    expect(change(form)).toEqual({ name: "Phone", picture: true, token: null, user: null, password: null });
  });
});

describe("how it stands with a target", () => {
  const last = (state: "waiting" | "delivered" | "refused", attempts = 1) => ({
    ...TARGET,
    waiting: 3,
    last: { state, attempts, at: TARGET.created_at, reason: "" },
  });

  it.each([
    [TARGET, "Nothing sent yet"],
    [{ ...TARGET, enabled: false }, "Off"],
    [last("delivered"), "Delivered"],
    [last("refused"), "Refused"],
    [last("waiting", 0), "Being sent"],
    [last("waiting"), "3 alerts wait"],
  ])("%#", (target, words) => {
    expect(standing(target).text).toBe(words);
  });
});

it("makes a secret of 32 bytes that the box takes", () => {
  expect(newSecret((bytes) => bytes.fill(110))).toBe(`whsec_${btoa("n".repeat(32))}`);
});
