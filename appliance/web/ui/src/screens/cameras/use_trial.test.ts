import { afterEach, expect, it, vi } from "vitest";
import { tested } from "./use_trial";

afterEach(() => vi.unstubAllGlobals());

it("says whether the camera has a second address, so that none is advised", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, { body }: RequestInit) => {
    sent.push(JSON.parse(String(body)));
    return Response.json({});
  });
  const { signal } = new AbortController();
  await tested("rtsp://cam/a", "", signal);
  await tested("rtsp://cam/a", "rtsp://cam/b", signal);
  expect(sent).toEqual([
    { address: "rtsp://cam/a", has_live_address: false },
    { address: "rtsp://cam/a", has_live_address: true },
  ]);
});
