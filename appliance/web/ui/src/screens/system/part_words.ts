// What the parts of the service are, what it means when one is not well, and what helps.

/** A way to a place of this page, or to another one. */
export interface Link {
  href: string;
  text: string;
}

export const DATABASE: Link = { href: "#sys-database", text: "See the database" };
const DETECTOR: Link = { href: "#sys-detector", text: "See the detector" };
export const DISKS: Link = { href: "#sys-disks", text: "See the disks" };
const GPU: Link = { href: "#sys-gpu", text: "See the GPU" };
export const MACHINE: Link = { href: "#sys-machine", text: "See the machine" };
export const CAMERAS: Link = { href: "/cameras", text: "Open the cameras" };

export interface PartWords {
  name: string;
  /** What no longer happens, or not as it should. */
  means: string;
  /** What somebody can do about it. */
  next: string;
  /** Where that is done, or where more is to be seen. */
  link?: Link;
}

const LOG = "Its log says more: `journalctl -u nightjar`.";
const AGAIN = `It is started again by itself. If it stays like this, restart Nightjar. ${LOG}`;

const PARTS: Record<string, PartWords> = {
  database: {
    name: "Database",
    means: "Nothing new can be stored just now. What happens waits in memory, up to a limit.",
    next: "See whether the disk with the data is full or has errors; it goes on by itself once it can be written.",
    link: DATABASE,
  },
  "database file": {
    name: "Database file",
    means:
      "At the start the database was of no use. It was put aside; the last backup, if one is within reach, took its place.",
    next: "Keep the file that was put aside: later events are in it. Footage is found again by itself.",
    link: DATABASE,
  },
  backup: {
    name: "Backup",
    means:
      "After the loss of this disk there would be no copy of cameras, rules and events that can be relied on.",
    next: "Make one, `nightjar backup FILE`, and try it: `nightjar restore FILE --verify`.",
    link: { href: "#sys-backup", text: "See the backup" },
  },
  disk: {
    name: "Disk of the data",
    means: "Little room is left. When there is none, no event, picture or footage on it can be stored.",
    next: "Make room on it, keep footage for fewer days, or give footage a disk of its own.",
    link: DISKS,
  },
  gpu: {
    name: "GPU",
    means: "What runs on this GPU may have stopped, detection above all. Recording goes on.",
    next: "Switch the box off and on if the GPU does not come back by itself. If it happens again, see to its seat, its power and its fans. After a new driver, restart the box.",
    link: GPU,
  },
  clock: {
    name: "Clock",
    means: "Events and footage get a wrong time.",
    next: "Set the date of the box and have it kept right: `timedatectl set-ntp true`.",
  },
  model: {
    name: "Detection model",
    means:
      "Something else than the best is at work: a smaller model, a slower way to run it, or the built-in detector, which finds people who move and little else.",
    next: "What failed is tried again by itself. Where there is no model, fetch one under Detector, below. Without the internet one is added by hand: `nightjar model add FILE`.",
    link: DETECTOR,
  },
  worker: {
    name: "Detection worker",
    means: "Nothing is detected while it does not run. Recording and live pictures go on.",
    next: AGAIN,
    link: DETECTOR,
  },
  calibration: {
    name: "Speed measurement",
    means: "It is not known which way to run the model is the fastest here. Detection goes on.",
    next: AGAIN,
    link: DETECTOR,
  },
  "engine builder": {
    name: "Engine builder",
    means: "No TensorRT engine can be built. Detection goes on with the model's own file.",
    next: AGAIN,
    link: DETECTOR,
  },
  detections: {
    name: "Detection",
    means: "Nothing is detected. Recording goes on.",
    next: AGAIN,
    link: DETECTOR,
  },
  pictures: {
    name: "Pictures of events",
    means: "New events have no picture.",
    next: "See whether the disk with the data is full or read-only.",
    link: DISKS,
  },
  "footage kept": {
    name: "Room for footage",
    means: "There is more footage than is allowed, or a disk is too full, and nothing more may be deleted.",
    next: "Let go of protected footage, raise the limit, or add a disk.",
    link: DISKS,
  },
  cameras: { name: "Cameras", means: "Changes of cameras are not applied.", next: AGAIN, link: CAMERAS },
  committer: { name: "Writer of the database", means: "Nothing new is stored.", next: AGAIN, link: DATABASE },
  publisher: {
    name: "Messages",
    means: "Screens are not told of what happens; a reload shows it.",
    next: AGAIN,
  },
  retention: {
    name: "Clearing of old rows",
    means: "Old events are not deleted.",
    next: AGAIN,
  },
  "footage keeper": {
    name: "Clearing of old footage",
    means: "Old footage is not deleted.",
    next: AGAIN,
    link: DISKS,
  },
  "footage book": {
    name: "Book of the footage",
    means: "Footage is recorded, but does not show in the timeline yet.",
    next: AGAIN,
  },
  "live view": {
    name: "Live view",
    means: "Live video may not start.",
    next: AGAIN,
  },
  "model keeper": {
    name: "Choice of the model",
    means: "A new model is not put to work.",
    next: AGAIN,
    link: DETECTOR,
  },
  "model library": {
    name: "List of the models",
    means: "No model can be fetched from here.",
    next: AGAIN,
    link: DETECTOR,
  },
  notifications: { name: "Sending of alerts", means: "Nobody is told of alerts but this page.", next: AGAIN },
  exports: {
    name: "Exports",
    means: "Exports are not made.",
    next: AGAIN,
  },
  previews: {
    name: "Previews",
    means: "The timeline shows no previews.",
    next: AGAIN,
  },
  samples: { name: "History", means: "The charts get no new points.", next: AGAIN },
  "camera samples": {
    name: "Look back at the cameras",
    means: "The cameras' last 24 hours are not told in full.",
    next: AGAIN,
  },
  host: {
    name: "Look at the machine",
    means: "CPU, memory and temperatures are not told.",
    next: AGAIN,
    link: MACHINE,
  },
};

const STORAGE: PartWords = {
  name: "Storage",
  means: "Nothing is recorded to this disk. With another one, recording goes on there.",
  next: "See below what is wrong with it. It is used again by itself once it is well.",
  link: DISKS,
};

const SENDING: PartWords = {
  name: "Sending",
  means: "Alerts do not reach this target. They stay on this page, and what waits is tried again for a day.",
  next: "Send it a test, and put right what that says.",
  link: { href: "/alerts?tab=send", text: "See who is told" },
};

/** Return the words for a part of the service; one without words of its own is named as it names itself. */
export function partWords(part: string): PartWords {
  const known = PARTS[part];
  if (known !== undefined) return known;
  if (part.startsWith("storage ")) return { ...STORAGE, name: `Storage ${part.slice("storage ".length)}` };
  if (part.startsWith("sending to "))
    return { ...SENDING, name: `Sending to ${part.slice("sending to ".length)}` };
  const name = part.charAt(0).toUpperCase() + part.slice(1);
  return { name, means: "This part of the service does not work as it should.", next: AGAIN };
}
