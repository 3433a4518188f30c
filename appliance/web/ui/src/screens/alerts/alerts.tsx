// Alerts, and the rules that they come from.

import { useLocation } from "preact-iso";
import { withQuery } from "../../api";
import { Segmented } from "../../parts/segmented";
import { AlertList } from "./alert_list";
import "./alerts.css";
import { Rules } from "./rules";

const TABS = [
  ["alerts", "Alerts"],
  ["rules", "Rules"],
] as const;

export function Alerts() {
  const { query, route } = useLocation();
  const tab = query.tab === "rules" ? "rules" : "alerts";
  const choose = (next: "alerts" | "rules") =>
    route(withQuery("/alerts", { tab: next === "rules" ? next : null }));
  return (
    <div class="alerts-screen">
      <header class="screen-head">
        <h1>Alerts</h1>
        <Segmented label="What to show" value={tab} options={TABS} onChange={choose} />
      </header>
      {tab === "rules" ? <Rules /> : <AlertList />}
    </div>
  );
}
