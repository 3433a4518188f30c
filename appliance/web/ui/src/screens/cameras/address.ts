// A camera's address as people write it: what is missing in it, and user and password at their place.

/** An address in parts: what people paste often holds user and password. */
export interface Parts {
  address: string;
  user: string;
  password: string;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const KNOWN = ["rtsp", "rtsps", "http", "https"];

/** Make an address of what was written: `192.168.1.20/stream1` is meant as RTSP. */
export function normal(text: string): string {
  const address = text.trim();
  if (address === "" || /^demo:$/i.test(address) || SCHEME.test(address) || address.startsWith("/"))
    return address;
  return `rtsp://${address}`;
}

/** Take user and password out of an address, decoded; those given before stay where it has none. */
export function parted(text: string, before: Omit<Parts, "address">): Parts {
  const address = normal(text);
  const found = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@(.*)$/i.exec(address);
  // A whole form may be given: its own address is not the one that counts.
  if (found === null) return { address, user: before.user, password: before.password };
  const [, scheme = "", info = "", rest = ""] = found;
  const colon = info.indexOf(":");
  const user = colon < 0 ? info : info.slice(0, colon);
  const password = colon < 0 ? "" : info.slice(colon + 1);
  return { address: scheme + rest, user: decoded(user), password: decoded(password) };
}

// What is no percent encoding was meant as it stands.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Put user and password into the address, percent-encoded, so that nobody has to know how that is done. */
export function joined({ address, user, password }: Parts): string {
  const found = SCHEME.exec(address);
  if (found === null || (user === "" && password === "")) return address;
  const rest = address.slice(found[0].length);
  return `${found[0]}${encoded(user)}:${encoded(password)}@${rest}`;
}

// encodeURIComponent leaves these as they are; a camera's parser may not.
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** What is still missing or wrong in an address, in a sentence; null where it can be tried. */
export function problemOf(text: string): string | null {
  const address = normal(text);
  if (address === "") return "Write where the camera is, such as rtsp://192.168.1.20/stream1.";
  if (/^demo:$/i.test(address)) return null;
  const scheme = SCHEME.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined || !KNOWN.includes(scheme))
    return "An address begins with rtsp://, rtsps://, http:// or https://.";
  if (/\s/.test(address)) return "There is a space in the address; an address has none.";
  const rest = address.slice(address.indexOf("://") + 3);
  const host = rest.split(/[/?#]/, 1)[0] ?? "";
  if (rest.slice(host.length).includes("@"))
    return "User and password have fields of their own below; write only rtsp://host/path here.";
  if (host.replace(/^.*@/, "") === "") return "After rtsp:// comes the camera's IP address or name.";
  return null;
}

/** The host and port of an address, or an empty text. */
export function hostOf(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(normal(text))?.[1] ?? "";
}

/** Where a camera is, if nothing more of its address is known; the port is null where it is the usual one. */
export interface Place {
  host: string;
  port: number | null;
}

const PLACE = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9_.-]+))(?::(?<port>\d{0,5}))?$/i;
const BARE_V6 = /^[0-9a-f.]*(?::[0-9a-f.]*){2,}$/i;

/** Take what was written for an IP address or a name, and maybe a port; null where it is more than that. */
export function placeOf(text: string): Place | null {
  const written = text.trim();
  if (/^demo:$/i.test(written)) return null;
  if (BARE_V6.test(written)) return { host: written, port: null };
  const found = PLACE.exec(written)?.groups;
  const host = found?.v6 ?? found?.name;
  return host === undefined ? null : { host, port: Number(found?.port ?? 0) || null };
}

/** Like `parted`, but an IP address or a name stays one and is not made an address of. */
export function sorted(text: string, before: Omit<Parts, "address">): Parts {
  const parts = parted(text, before);
  const bare = parts.address.replace(/^rtsp:\/\//, "");
  return SCHEME.test(text.trim()) || placeOf(bare) === null ? parts : { ...parts, address: bare };
}
