import { describe, expect, it } from "vitest";
import { hostOf, joined, normal, parted, placeOf, problemOf, sorted } from "./address";

describe("a camera's address", () => {
  it("is meant as RTSP where nothing else is said", () => {
    expect(normal(" 192.168.1.20/stream1 ")).toBe("rtsp://192.168.1.20/stream1");
    expect(normal("https://camera/video")).toBe("https://camera/video");
    expect(normal("demo:")).toBe("demo:");
  });

  it.each([
    ["p@ss/w?rd#1:2 %", "rtsp://root:p%40ss%2Fw%3Frd%231%3A2%20%25@cam/a"],
    ["(it's)!*", "rtsp://root:%28it%27s%29%21%2A@cam/a"],
    ["Grüße", "rtsp://root:Gr%C3%BC%C3%9Fe@cam/a"],
  ])("takes the password %s percent-encoded", (password, address) => {
    expect(joined({ address: "rtsp://cam/a", user: "root", password })).toBe(address);
  });

  it("stays as it is without user and password, and where there is no place for them", () => {
    expect(joined({ address: "rtsp://cam/a", user: "", password: "" })).toBe("rtsp://cam/a");
    expect(joined({ address: "demo:", user: "root", password: "x" })).toBe("demo:");
  });

  it("gives pasted user and password to their fields, decoded", () => {
    const none = { user: "", password: "" };
    expect(parted("rtsp://root:p%40ss@cam:554/a?b=c", none)).toEqual({
      address: "rtsp://cam:554/a?b=c",
      user: "root",
      password: "p@ss",
    });
    expect(parted("rtsp://root:a@b@cam/a", none).password).toBe("a@b");
    expect(parted("rtsp://root:50%@cam/a", none).password).toBe("50%");
    expect(parted("rtsp://cam/a", { user: "me", password: "kept" })).toEqual({
      address: "rtsp://cam/a",
      user: "me",
      password: "kept",
    });
  });

  it("is meant as RTSP in a form that holds it as it was written", () => {
    const form = { address: "10.0.0.7", user: "", password: "", name: "Door" };
    expect(parted(form.address, form)).toEqual({ address: "rtsp://10.0.0.7", user: "", password: "" });
  });

  it("comes back as it was when it is parted and joined", () => {
    const address = "rtsp://root:p%40ss%2F1@cam/a";
    expect(joined(parted(address, { user: "", password: "" }))).toBe(address);
  });

  it.each([
    ["", /Write where/],
    ["file:///etc/passwd", /begins with/],
    ["rtsp://", /IP address or name/],
    ["rtsp:///path", /IP address or name/],
    ["rtsp://cam/a b", /space/],
    ["rtsp://root:pa/ss@cam/a", /fields of their own/],
  ])("says of %j what is wrong", (text, words) => {
    expect(problemOf(text)).toMatch(words);
  });

  it.each(["rtsp://192.168.1.20/stream1", "192.168.1.20", "http://cam:8080/video.mjpg", "demo:"])(
    "can be tried as %s",
    (text) => {
      expect(problemOf(text)).toBeNull();
    },
  );

  it("has a host", () => {
    expect(hostOf("rtsp://root:x@cam:8554/a")).toBe("cam:8554");
  });
});

describe("a camera's place", () => {
  it.each([
    [" 192.168.1.20 ", "192.168.1.20", null],
    ["cam-1.lan", "cam-1.lan", null],
    ["cam:8554", "cam", 8554],
    ["cam:", "cam", null],
    ["fd00::5", "fd00::5", null],
    ["[fd00::5]:8554", "fd00::5", 8554],
  ])("is %j", (text, host, port) => {
    expect(placeOf(text)).toEqual({ host, port });
  });

  it.each(["", "demo:", "rtsp://cam", "cam/stream1", "root:x@cam", "two words", "cam:x", "/dev/video0"])(
    "is not %j",
    (text) => {
      expect(placeOf(text)).toBeNull();
    },
  );

  it("stays as it is when user and password are taken out of it", () => {
    const none = { user: "", password: "" };
    expect(sorted("192.168.1.20", none)).toEqual({ address: "192.168.1.20", ...none });
    expect(sorted("root:x@cam:8554", none)).toEqual({ address: "cam:8554", user: "root", password: "x" });
    expect(sorted("cam/stream1", none).address).toBe("rtsp://cam/stream1");
    expect(sorted("rtsp://cam", none).address).toBe("rtsp://cam");
    expect(sorted("", none).address).toBe("");
  });
});
