// How large a live picture is, and where it lies on the screen.

import { useEffect, useState } from "preact/hooks";
import type { Camera } from "../../wire";
import type { Size } from "./geometry";
import type { Frame } from "./gestures";

const USUAL: Size = { width: 1280, height: 720 };

/** The picture's size in its own pixels: as it is shown, else as its stream says. */
export function usePictureSize(stage: { current: HTMLElement | null }, camera: Camera): Size {
  const { stream } = camera;
  const [seen, setSeen] = useState<Size | null>(null);
  useEffect(() => {
    const look = ({ target }: Event) => {
      const size =
        target instanceof HTMLVideoElement
          ? { width: target.videoWidth, height: target.videoHeight }
          : target instanceof HTMLImageElement
            ? { width: target.naturalWidth, height: target.naturalHeight }
            : null;
      if (size !== null && size.width > 0 && size.height > 0) setSeen(size);
    };
    const element = stage.current;
    // Neither of them bubbles.
    for (const type of ["load", "loadedmetadata", "resize"]) element?.addEventListener(type, look, true);
    return () => {
      for (const type of ["load", "loadedmetadata", "resize"]) element?.removeEventListener(type, look, true);
    };
  }, []);
  return seen ?? (stream !== null && stream.width > 0 ? stream : USUAL);
}

/** Where a picture of that size lies in an element that it fits into as a whole (`object-fit: contain`). */
export function frameIn(element: Element | null, { width, height }: Size): Frame {
  const box = element?.getBoundingClientRect() ?? new DOMRect(0, 0, width, height);
  const scale = Math.min(box.width / width, box.height / height) || 1;
  const screen = { width: width * scale, height: height * scale };
  return {
    left: box.left + (box.width - screen.width) / 2,
    top: box.top + (box.height - screen.height) / 2,
    screen,
  };
}

/** How large the picture is on the screen, kept right. */
export function useScreenSize(element: { current: Element | null }, size: Size): Size {
  const [screen, setScreen] = useState<Size>(size);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(() => setScreen(frameIn(element.current, size).screen));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [size.width, size.height]);
  return screen;
}
