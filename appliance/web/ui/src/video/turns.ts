// Who may open a connection now. A browser opens WebSockets to one host one by one, and makes all wait the longer the
// more of them do, for seconds where there are many tiles: few at once are there sooner, and let others in between.

const MOST_AT_ONCE = 4;
// One that hears nothing, where the network swallows everything, does not stop the others.
const LONGEST_MS = 2000;

type Turn = (done: () => void) => void;

const line: Turn[] = [];
const underWay = new Set<Promise<void>>();

/** Have `turn` called when it is one's turn, perhaps at once; it calls `done` when the next one may. The answer
 * leaves the line. */
export function inTurn(turn: Turn): () => void {
  line.push(turn);
  next();
  return () => {
    const at = line.indexOf(turn);
    if (at >= 0) line.splice(at, 1);
  };
}

/** Wait until whoever has its turn now is done with it. */
export async function connected(): Promise<void> {
  await Promise.all(underWay);
}

function next(): void {
  while (underWay.size < MOST_AT_ONCE) {
    const turn = line.shift();
    if (turn === undefined) return;
    let end = () => {};
    const mine = new Promise<void>((done) => {
      end = done;
    });
    underWay.add(mine);
    const over = () => {
      if (!underWay.delete(mine)) return;
      clearTimeout(timer);
      end();
      next();
    };
    const timer = setTimeout(over, LONGEST_MS);
    turn(over);
  }
}
