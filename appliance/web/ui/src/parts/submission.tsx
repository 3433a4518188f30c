import { useState } from "preact/hooks";
import { Refusal, wordsOf } from "../api";

interface Problem {
  field: string | null;
  text: string;
}

/**
 * A form that is sent, once at a time. What is refused stands at its field (`of`), or in `rest` where none of the
 * `shown` ones is meant; `send` may also return what is wrong with it.
 */
export function useSubmission(shown: readonly string[]) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event, send: () => Promise<Problem | undefined>) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      setProblem((await send()) ?? null);
    } catch (error) {
      setProblem({ field: error instanceof Refusal ? error.field : null, text: wordsOf(error) });
    } finally {
      setBusy(false);
    }
  };
  const isElsewhere = problem !== null && !shown.includes(problem.field ?? "");
  return {
    isBusy,
    submit,
    of: (field: string) => (problem?.field === field ? problem.text : null),
    rest: isElsewhere ? (
      <p class="error" role="alert">
        {problem.text}
      </p>
    ) : null,
  };
}
