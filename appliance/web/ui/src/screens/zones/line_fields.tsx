// What can be set of a line: which way counts, in words.

import { Button } from "../../parts/button";
import { Segmented } from "../../parts/segmented";
import type { Editor } from "./editor";
import { forwardOf, wayInWords } from "./geometry";
import type { Line } from "./scene";
import { Amount } from "./zone_fields";

interface Props {
  line: Line;
  editor: Editor;
  change: (part: Partial<Line>, doing: string) => void;
}

const COUNTS = [
  ["both", "Both ways"],
  ["forward", "A → B"],
  ["backward", "B → A"],
] as const;
// As most pictures are; a slight difference does not change the words.
const USUAL = { width: 16, height: 9 };

export function LineFields({ line, editor, change }: Props) {
  const [x, y] = forwardOf(line.a, line.b, USUAL);
  return (
    <>
      <div class="field">
        <span class="group-label">Which way counts</span>
        <div class="buttons">
          <Segmented
            label="Which way counts"
            value={line.counts}
            options={COUNTS}
            onChange={(counts) => change({ counts }, "counts")}
          />
          <Button icon="turn" onClick={() => editor.turn()}>
            Swap A and B
          </Button>
        </div>
        <p class="hint">
          From A to B is {wayInWords([x, y])} on the picture, from B to A {wayInWords([-x, -y])}.
        </p>
      </div>
      <Amount
        label="Least score, %"
        hint="How sure the detector must have been, once at least."
        value={line.min_score * 100}
        most={100}
        put={(percent) => change({ min_score: percent / 100 }, "score")}
      />
    </>
  );
}
