// Asking the server: JSON in, JSON out, and errors as sentences.

const BASE = "/api/v1";

/** What the server refused, or that it did not answer; `field` names the input that is wrong. */
export class Problem extends Error {
  constructor(text, status = 0, field = null) {
    super(text);
    this.status = status;
    this.field = field;
  }
}

/** Ask and return `{data, cursor}`; throws a `Problem`. */
export async function ask(method, path, body) {
  const request = { method, headers: {} };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(BASE + path, request);
  } catch {
    throw new Problem("Nightjar does not answer.");
  }
  if (!response.ok) throw await problemOf(response);
  const data = response.status === 204 ? null : await response.json();
  return { data, cursor: Number(response.headers.get("Nightjar-Cursor") ?? 0) };
}

export const get = (path) => ask("GET", path);

/** Fetch a picture as a blob; throws a `Problem` with the reason when there is none. */
export async function picture(path, signal, cache = "no-store") {
  const response = await fetch(BASE + path, { signal, cache });
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}

async function problemOf(response) {
  try {
    const { detail, title, field } = await response.json();
    return new Problem(sentence(detail || title), response.status, field ?? null);
  } catch {
    return new Problem(`Nightjar answered with status ${response.status}.`, response.status);
  }
}

function sentence(text) {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
