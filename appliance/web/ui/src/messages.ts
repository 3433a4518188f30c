// The live messages: protocol 1 over WebSocket, connected again from the last cursor whenever it breaks.

import type { MessageData } from "./wire";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10_000;
const PING_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 5000;
const RIGHTS_CHANGED = 1008;

/** A message of the box; durable ones have a cursor. */
export type Message = {
  [T in keyof MessageData]: {
    type: T;
    data: MessageData[T];
    at: string;
    cursor?: number;
    camera_id?: string;
  };
}[keyof MessageData];

export type Connection = { word: "connecting" | "live" | "lost"; retryInS: number };

type Said =
  | { type: "hello"; epoch: string; cursor: number }
  | { type: "subscribed" | "position" | "pong" | "unsubscribed"; cursor: number }
  | { type: "reset"; reason: string; cursor: number }
  | { type: "error"; code: string; message: string }
  | Message;

/** Who is told. `reset` means that messages are missing: what was fetched has to be fetched anew. */
export interface Listener {
  message(said: Message): void;
  reset(): void;
  connection(now: Connection): void;
  /** The box may have hung up since whoever looks may see something else now, or is not logged in any more. */
  rights(): void;
}

/** One connection, kept for as long as the page is open. */
export class Messages {
  #socket: WebSocket | null = null;
  #hasAnswered = false;
  #epoch: string | null = null;
  #serverEpoch: string | null = null;
  #cursor: number | null = null;
  #failures = 0;
  #pinger = 0;
  #deadline = 0;
  #timer = 0;

  constructor(private readonly on: Listener) {
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.#socket !== null && this.#drop());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.retry();
      // A machine that has slept does not know that its connection is gone.
      this.#ping();
    });
  }

  /** Go on after this cursor of this database, from the next connection on. */
  startFrom(epoch: string, cursor: number): void {
    this.#epoch = epoch;
    this.#cursor = cursor;
  }

  /** Try at once where it waits for its next attempt. */
  retry(): void {
    if (this.#socket === null && this.#epoch !== null) this.connect();
  }

  connect(): void {
    clearTimeout(this.#timer);
    this.on.connection({ word: "connecting", retryInS: 0 });
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/ws`);
    this.#socket = socket;
    this.#hasAnswered = false;
    socket.addEventListener(
      "message",
      ({ data }) => this.#socket === socket && this.#heard(JSON.parse(data)),
    );
    socket.addEventListener("close", ({ code }) => {
      if (this.#socket !== socket) return;
      // One that is refused looks like one that cannot be reached.
      const isRefused = !this.#hasAnswered;
      this.#lost();
      if (isRefused || code === RIGHTS_CHANGED) this.on.rights();
    });
    this.#expectAnswer();
  }

  #heard(said: Said): void {
    clearTimeout(this.#deadline);
    this.#deadline = 0;
    this.#hasAnswered = true;
    if (said.type === "hello") this.#subscribe(said.epoch);
    else if (said.type === "subscribed") this.#live();
    else if (said.type === "reset") this.#adopt();
    else if ("data" in said) this.on.message(said);
    if ("cursor" in said && said.cursor !== undefined && !this.#isAhead(said)) this.#cursor = said.cursor;
  }

  // These say where the box is, not what has come: what was missed follows, or a reset.
  #isAhead = ({ type }: Said) => type === "hello" || (type === "subscribed" && this.#cursor !== null);

  // From here on the cursors are those of the database that answers now.
  #adopt(): void {
    this.#epoch = this.#serverEpoch;
    this.on.reset();
  }

  #subscribe(serverEpoch: string): void {
    this.#serverEpoch = serverEpoch;
    const from = this.#cursor === null ? {} : { epoch: this.#epoch, after: this.#cursor };
    this.#socket?.send(
      JSON.stringify({ type: "subscribe", channels: ["events", "alerts", "system"], ...from }),
    );
    this.#expectAnswer();
  }

  #live(): void {
    this.#failures = 0;
    this.on.connection({ word: "live", retryInS: 0 });
    clearInterval(this.#pinger);
    this.#pinger = window.setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  #ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send('{"type":"ping"}');
    this.#expectAnswer();
  }

  // A socket whose other end has vanished says nothing of it for minutes.
  #expectAnswer(): void {
    if (this.#deadline !== 0) return;
    this.#deadline = window.setTimeout(() => {
      this.#deadline = 0;
      if (this.#socket !== null) this.#drop();
    }, ANSWER_WITHIN_MS);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#lost();
    socket?.close();
  }

  #lost(): void {
    clearInterval(this.#pinger);
    clearTimeout(this.#deadline);
    this.#deadline = 0;
    this.#socket = null;
    const step = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    const wait = step / 2 + (Math.random() * step) / 2;
    this.on.connection({ word: "lost", retryInS: Math.ceil(wait / 1000) });
    this.#timer = window.setTimeout(() => this.connect(), wait);
  }
}
