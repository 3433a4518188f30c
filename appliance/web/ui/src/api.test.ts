import { afterEach, expect, it, vi } from "vitest";
import { ask, get, patch, picture, post, remove } from "./api";

afterEach(() => vi.unstubAllGlobals());

function broken(): Response {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("network error")),
  });
  return new Response(body);
}

it.each([
  ["before there is an answer", async () => Promise.reject(new TypeError("Failed to fetch"))],
  ["within the answer", async () => broken()],
])("says that nobody answers where the network breaks %s", async (_, fetch) => {
  vi.stubGlobal("fetch", fetch);
  await expect(get("/system")).rejects.toMatchObject({ message: "Nightjar does not answer.", status: 0 });
  await expect(picture("/frame.jpg")).rejects.toMatchObject({ status: 0 });
});

it("says a refusal in the box's own words, as a sentence", async () => {
  const answer = { detail: "name: expected 1 to 80 letters", field: "name" };
  vi.stubGlobal("fetch", async () => Response.json(answer, { status: 422 }));
  await expect(get("/cameras")).rejects.toMatchObject({
    message: "Name: expected 1 to 80 letters.",
    status: 422,
    field: "name",
  });
});

it("lets what is to be done outlive the page, and nothing that can be given up", async () => {
  const kept: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, { keepalive }: RequestInit) => {
    kept.push(keepalive);
    return Response.json({});
  });
  await Promise.all([post("/a"), patch("/a", {}), remove("/a")]);
  const { signal } = new AbortController();
  await Promise.all([get("/a"), get("/a", signal), ask("POST", "/cameras/find", {}, signal)]);
  expect(kept).toEqual([true, true, true, false, false, false]);
});
