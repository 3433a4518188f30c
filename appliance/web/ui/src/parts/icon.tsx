// Icons: 24 by 24, strokes in the colour of the text; never the only sign of anything.

const PATHS = {
  live: "M3 6h18v12H3zM10 9.5v5l4-2.500z",
  events: "M4 6h16M4 12h16M4 18h10M18 16v5M15.500 18.500h5",
  footage: "M3 12h18M6 8v8M10 10v4M14 6v12M18 9v6",
  alert: "M6 17V11a6 6 0 0 1 12 0v6l1.500 2h-15zM10 21h4",
  camera: "M3 7h11v10H3zM14 10.500l7-3.500v10l-7-3.500z",
  system: "M4 13h3l2-6 4 11 2.500-7 1 2H20",
  offline:
    "M4 4l16 16M6.500 12.500a9 9 0 0 1 3-1.800M3 9a14 14 0 0 1 4-2.500M11 6a14 14 0 0 1 10 3M14 10.800a9 9 0 0 1 3.500 1.700M12 18.500h0",
  covered: "M3 7h11v10H3zM14 10.500l7-3.500v10l-7-3.500zM4 21L20 3",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  stepBack: "M16 6l-7 6 7 6zM6 6v12",
  stepForward: "M8 6l7 6-7 6zM18 6v12",
  previous: "M12 6l-7 6 7 6zM20 6l-7 6 7 6z",
  next: "M12 6l7 6-7 6zM4 6l7 6-7 6z",
  minus: "M5 12h14",
  range: "M5 5v14M19 5v14M5 12h14M8 9.500l-3 2.500 3 2.500M16 9.500l3 2.500-3 2.500",
  play: "M7 5v14l12-7z",
  pause: "M8 5v14M16 5v14",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  boxes: "M4 7V4h3M17 4h3v3M20 17v3h-3M7 20H4v-3M9 9h6v6H9z",
  sound: "M4 9.500h4l5-4v13l-5-4H4zM16.500 9a4.500 4.500 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11",
  mute: "M4 9.500h4l5-4v13l-5-4H4zM17 9.500l5 5M22 9.500l-5 5",
  check: "M5 12.500l4.500 4.500L19 7.500",
  bin: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  unlock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 6.800-1.200",
  note: "M5 4h14v12l-4 4H5zM15 20v-4h4M8.500 9h7M8.500 12.500h4",
  clip: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.700h4M4 14.300h4M16 9.700h4M16 14.300h4",
  download: "M12 4v11M7.500 11l4.500 4.500L16.500 11M5 20h14",
  filter: "M4 6h16M7 12h10M10 18h4",
  plus: "M12 5v14M5 12h14",
  edit: "M5 19l1-4L16.500 4.500l3 3L9 18zM14.500 6.500l3 3",
  more: "M6 12h0M12 12h0M18 12h0",
  moon: "M19 14.500A8 8 0 1 1 9.500 5a6.500 6.500 0 0 0 9.500 9.500z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  contrast: "M12 3.500a8.500 8.500 0 1 0 0 17zM12 3.500a8.500 8.500 0 0 1 0 17",
  info: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 11v5.500M12 7.700h0",
  warn: "M12 4l9 16H3zM12 10v5M12 17.500h0",
  disk: "M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0zM4 6c0 3 16 3 16 0M4 12c0 3 16 3 16 0",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20 20",
  zone: "M5 8l8-4 6 5-3 10-10 1zM5 8h0M13 4h0M19 9h0M16 19h0M6 20h0",
  line: "M5 19L19 5M12.500 12.500l4 4M16.500 12.800v3.700h-3.700",
  mask: "M4 5h16v14H4zM4 12l7-7M4 19L18 5M11 19l9-9",
  dots: "M7 8h0M12 6h0M17 9h0M6 14h0M11 12h0M15.500 15h0M9 18h0M18 18h0",
  undo: "M9 6L4.500 10.500 9 15M4.500 10.500H15a4.500 4.500 0 0 1 0 9h-4",
  redo: "M15 6l4.500 4.500L15 15M19.500 10.500H9a4.500 4.500 0 0 0 0 9h4",
  turn: "M7 4L3.500 7.500 7 11M3.500 7.500H18M17 13l3.500 3.500L17 20M20.500 16.500H6",
  home: "M4 11.500L12 4l8 7.500M6 10v10h4.500v-5h3v5H18V10",
  away: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  history: "M4.500 12a7.500 7.500 0 1 0 2.500-5.600L4.500 9M4.500 4.500V9H9M12 8v4.500l3 1.800",
  keyboard: "M3 7h18v10H3zM6.500 10.500h0M10 10.500h0M13.500 10.500h0M17 10.500h0M8 14h8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
