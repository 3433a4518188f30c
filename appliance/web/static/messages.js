// The live messages: protocol 1 over WebSocket, connected again from the last cursor whenever it breaks.

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const PING_EVERY_MS = 20000;
const ANSWER_WITHIN_MS = 10000;

export class Messages {
  #on;
  #socket = null;
  #epoch = null;
  #serverEpoch = null;
  #cursor = null;
  #failures = 0;
  #pinger = 0;
  #deadline = 0;
  #timer = 0;

  /** `on` has `message(said)`, `reset()`, `state(word, secondsToNextTry)`. */
  constructor(on) {
    this.#on = on;
    addEventListener("online", () => this.#socket === null && this.connect());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#socket === null) this.connect();
    });
  }

  /** Go on after this cursor of this database. */
  startFrom(epoch, cursor) {
    this.#epoch = epoch;
    this.#cursor = cursor;
  }

  connect() {
    clearTimeout(this.#timer);
    this.#on.state("connecting", 0);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/ws`);
    this.#socket = socket;
    socket.addEventListener("message", (event) => this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.#socket === socket && this.#lost());
    this.#expectAnswer();
  }

  #heard(said) {
    clearTimeout(this.#deadline);
    this.#deadline = 0;
    if (said.type === "hello") this.#subscribe(said.epoch);
    else if (said.type === "subscribed") this.#live();
    else if (said.type === "reset") this.#adopt();
    else if (said.data !== undefined) this.#on.message(said);
    if (said.type !== "hello" && Number.isInteger(said.cursor)) this.#cursor = said.cursor;
  }

  // From here on the cursors are those of the database that answers now.
  #adopt() {
    this.#epoch = this.#serverEpoch;
    this.#on.reset();
  }

  #subscribe(serverEpoch) {
    this.#serverEpoch = serverEpoch;
    const wanted = { type: "subscribe", channels: ["events", "alerts", "system"] };
    if (this.#cursor !== null) Object.assign(wanted, { epoch: this.#epoch, after: this.#cursor });
    this.#socket.send(JSON.stringify(wanted));
  }

  #live() {
    this.#failures = 0;
    this.#on.state("live", 0);
    clearInterval(this.#pinger);
    this.#pinger = setInterval(() => {
      this.#socket?.send('{"type":"ping"}');
      this.#expectAnswer();
    }, PING_EVERY_MS);
  }

  // A socket whose other end has vanished says nothing of it for minutes.
  #expectAnswer() {
    const socket = this.#socket;
    if (this.#deadline !== 0) return;
    this.#deadline = setTimeout(() => {
      this.#deadline = 0;
      if (this.#socket !== socket) return;
      this.#lost();
      socket.close();
    }, ANSWER_WITHIN_MS);
  }

  #lost() {
    clearInterval(this.#pinger);
    clearTimeout(this.#deadline);
    this.#deadline = 0;
    this.#socket = null;
    const step = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    const wait = step / 2 + (Math.random() * step) / 2;
    this.#on.state("lost", Math.ceil(wait / 1000));
    this.#timer = setTimeout(() => this.connect(), wait);
  }
}
