// Before anything is shown: who is it? A box that nobody has claimed yet asks for its first user.

import { useEffect, useState } from "preact/hooks";
import { wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Nothing } from "../../parts/nothing";
import { access, askWho } from "../../state/access";
import { Claim } from "./claim";
import { Login } from "./login";
import "./entry.css";

const RETRY_MS = 2000;

/** What is shown while nobody is known: the question who it is, or that the box does not answer. */
export function Entry() {
  const problem = useAsked();
  if (access.value !== null) return access.value.login === "claim" ? <Claim /> : <Login />;
  return (
    <main class="entry">
      {problem === null ? (
        <p class="muted" role="status">
          Asking the box …
        </p>
      ) : (
        <Nothing
          icon="offline"
          title="Nightjar does not answer"
          text={problem}
          action={<Button onClick={() => askWho()}>Try now</Button>}
        />
      )}
    </main>
  );
}

/** Ask until there is an answer; return what went wrong the last time. */
function useAsked(): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let timer = 0;
    let isOver = false;
    const askAgain = async () => {
      try {
        await askWho();
      } catch (error) {
        if (isOver) return;
        setProblem(wordsOf(error));
        timer = window.setTimeout(askAgain, RETRY_MS);
      }
    };
    if (access.value === null) void askAgain();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);
  return problem;
}
