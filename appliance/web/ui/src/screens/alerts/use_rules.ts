import { useRef, useState } from "preact/hooks";
import { get, wordsOf } from "../../api";
import { useFollowed } from "../../state/follow";
import type { Items, Rule } from "../../wire";

/** All rules, by name; null until they are known. No message tells of a rule, so only a reset asks anew. */
export function useRules() {
  const [rules, setRules] = useState<readonly Rule[] | null>(null);
  const [problem, setProblem] = useState("");
  const [times, setTimes] = useState(0);
  const changes = useRef(0);
  const change = (made: (now: readonly Rule[]) => readonly Rule[]) => {
    changes.current += 1;
    setRules((now) => made(now ?? []));
  };
  useFollowed(async (signal) => {
    try {
      for (;;) {
        const before = changes.current;
        const { data, cursor } = await get<Items<Rule>>("/rules", signal);
        // An answer that was on its way while a rule was changed here may not know of that.
        if (before !== changes.current) continue;
        setRules(data.items);
        setProblem("");
        return cursor;
      }
    } catch (refused) {
      if (!signal.aborted) setProblem(wordsOf(refused));
      return null;
    }
  }, () => {}, [times]);
  return {
    rules,
    problem,
    refetch: () => setTimes((n) => n + 1),
    put: (rule: Rule) =>
      change((now) =>
        [...now.filter((one) => one.id !== rule.id), rule].sort((one, other) =>
          one.name.localeCompare(other.name),
        ),
      ),
    drop: (id: string) => change((now) => now.filter((one) => one.id !== id)),
  };
}
