// Why a rule alerted: asked when somebody wants to know.

import { useEffect, useState } from "preact/hooks";
import { get, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Trace } from "../../parts/trace";
import type { Alert, AlertWhy } from "../../wire";

export function WhyButton({ alert, title }: { alert: Alert; title: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button small kind="quiet" label={`Why: ${title}`} onClick={() => setOpen(true)}>
        Why?
      </Button>
      <Dialog title={`Why “${alert.rule_name}” alerted`} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Reasons id={alert.id} />
      </Dialog>
    </>
  );
}

function Reasons({ id }: { id: string }) {
  const [why, setWhy] = useState<AlertWhy | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    get<AlertWhy>(`/alerts/${id}/why`, stop.signal).then(
      ({ data }) => setWhy(data),
      (refused) => !stop.signal.aborted && setProblem(wordsOf(refused)),
    );
    return () => stop.abort();
  }, [id]);
  if (problem !== "") {
    return (
      <p class="error" role="alert">
        {problem}
      </p>
    );
  }
  if (why === null) return <p role="status">Asking …</p>;
  if (why.steps.length === 0) return <p>This alert is from before reasons were kept.</p>;
  return <Trace steps={why.steps} label="Its conditions" />;
}
