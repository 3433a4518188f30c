import { expect, test } from "vitest";
import type { Access } from "../wire";
import { haveSameRights, isKnown, isSame, whatFollows } from "./who";

const anna: Access = {
  login: "password",
  name: "anna",
  role: "viewer",
  kind: "user",
  cameras: ["yard", "gate"],
  permissions: ["cameras.view", "events.view"],
  fingerprint: null,
};
const nobody: Access = { ...anna, name: "nobody", role: null, kind: "nobody", cameras: [], permissions: [] };
const local: Access = { ...anna, login: "none", name: "local", role: null, kind: "local", cameras: null };
const chief: Access = { ...local, login: "password", name: "chief", role: "admin", kind: "user" };

test("who has not logged in is not known, nor is anybody before the box has answered", () => {
  expect([null, nobody, anna, local].map(isKnown)).toEqual([false, false, true, true]);
});

test("the order of cameras and permissions makes nobody another one", () => {
  const turned = {
    ...anna,
    cameras: ["gate", "yard"],
    permissions: ["events.view", "cameras.view"],
    fingerprint: "ab",
  };
  expect(isSame(anna, turned)).toBe(true);
});

test.each([
  { name: "ben" },
  { role: "operator" as const },
  { cameras: ["yard"] },
  { cameras: [] },
  { cameras: null },
  { permissions: ["cameras.view"] },
])("another name, role, camera or permission makes another one: %o", (change) => {
  expect(isSame(anna, { ...anna, ...change })).toBe(false);
  expect(whatFollows(anna, { ...anna, ...change })).toBe("anew");
});

test("no camera is not all cameras", () => {
  expect(haveSameRights({ ...anna, cameras: [] }, { ...anna, cameras: null })).toBe(false);
});

test("a first answer is taken as it is, and the same one goes on after a login that had ended", () => {
  expect(whatFollows(null, nobody)).toBe("goes on");
  expect(whatFollows(nobody, anna)).toBe("goes on");
  expect(whatFollows(anna, nobody)).toBe("ended");
  expect(whatFollows(anna, anna)).toBe("goes on");
});

test("a box that has forgotten its users begins anew", () => {
  expect(whatFollows(anna, { ...nobody, login: "claim" })).toBe("anew");
});

test("who claims the box goes on, and who logs in with fewer rights than before does not", () => {
  expect(whatFollows(local, chief)).toBe("goes on");
  expect(whatFollows(local, anna)).toBe("anew");
  expect(whatFollows(chief, local)).toBe("anew");
});
