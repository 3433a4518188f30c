import { describe, expect, it } from "vitest";
import type { CameraAddress } from "../../wire";
import { compared } from "./address_change";

const present: CameraAddress = {
  address: "rtsp://10.0.0.7/main",
  has_credentials: true,
  live_address: "rtsp://10.0.0.7/small",
  live_note: "",
};

describe("the form of a camera's address", () => {
  it("changes nothing as long as nothing is written", () => {
    const { form, change, canTest } = compared({}, present);
    expect(form).toEqual({
      address: "rtsp://10.0.0.7/main",
      second: "rtsp://10.0.0.7/small",
      user: "",
      password: "",
    });
    expect(change).toEqual({});
    expect(canTest).toBe(false);
  });

  it("leaves alone what was changed elsewhere meanwhile", () => {
    const { form, change } = compared({ address: "10.0.0.7/new" }, { ...present, live_address: null });
    expect(form.second).toBe("");
    expect(change).toEqual({ address: "rtsp://10.0.0.7/new" });
  });

  it("takes the second address away, and sends user and password with the first one only", () => {
    expect(compared({ second: " " }, present).change).toEqual({ live_address: null });
    expect(compared({ user: "me", password: "x" }, present).change).toEqual({
      address: "rtsp://me:x@10.0.0.7/main",
    });
  });

  it("is not tried without the password that the camera wants", () => {
    expect(compared({ address: "rtsp://10.0.0.7/other" }, present)).toMatchObject({
      canTest: false,
      forgets: false,
    });
    expect(compared({ address: "rtsp://10.0.0.8/main" }, present)).toMatchObject({
      canTest: true,
      forgets: true,
    });
    const free = { ...present, has_credentials: false };
    expect(compared({ address: "rtsp://10.0.0.7/other" }, free).canTest).toBe(true);
  });
});
