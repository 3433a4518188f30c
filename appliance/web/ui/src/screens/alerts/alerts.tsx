// Alerts, the rules that they come from, and who else is told of them.

import { useLocation } from "preact-iso";
import { withQuery } from "../../api";
import { Segmented } from "../../parts/segmented";
import { AlertList } from "./alert_list";
import "./alerts.css";
import { NotAlerted } from "./not_alerted";
import { Rules } from "./rules";
import { Send } from "./send";

const TABS = [
  ["alerts", "Alerts"],
  ["missed", "Not alerted"],
  ["rules", "Rules"],
  ["send", "Send"],
] as const;
type Tab = (typeof TABS)[number][0];

export function Alerts() {
  const { query, route } = useLocation();
  const tab = TABS.find(([one]) => one === query.tab)?.[0] ?? "alerts";
  const choose = (next: Tab) => route(withQuery("/alerts", { tab: next === "alerts" ? null : next }));
  return (
    <div class="alerts-screen">
      <header class="screen-head">
        <h1>Alerts</h1>
        <Segmented label="What to show" value={tab} options={TABS} onChange={choose} />
      </header>
      {tab === "rules" && <Rules />}
      {tab === "send" && <Send />}
      {tab === "missed" && <NotAlerted />}
      {tab === "alerts" && <AlertList />}
    </div>
  );
}
