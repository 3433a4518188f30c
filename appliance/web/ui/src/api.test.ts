import { afterEach, expect, it, vi } from "vitest";
import { get, picture } from "./api";

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
