// Alerts, the rules that they come from, and who else is told of them.

import { useLocation } from "preact-iso";
import { withQuery } from "../../api";
import { Segmented } from "../../parts/segmented";
import { may } from "../../state/access";
import { AlertList } from "./alert_list";
import "./alerts.css";
import { NotAlerted } from "./not_alerted";
import { Rules } from "./rules";
import { Send } from "./send";

const TABS = [
  ["alerts", "Alerts", "alerts.view"],
  ["missed", "Not alerted", "events.view"],
  ["rules", "Rules", "rules.view"],
  ["send", "Send", "targets.view"],
] as const;
type Tab = (typeof TABS)[number][0];

export function Alerts() {
  const { query, route } = useLocation();
  const open = TABS.filter(([, , needs]) => may(needs));
  const tab = open.find(([one]) => one === query.tab)?.[0] ?? "alerts";
  const choose = (next: Tab) => route(withQuery("/alerts", { tab: next === "alerts" ? null : next }));
  return (
    <div class="alerts-screen">
      <header class="screen-head">
        <h1>Alerts</h1>
        <Segmented
          label="What to show"
          value={tab}
          options={open.map(([one, text]) => [one, text] as const)}
          onChange={choose}
        />
      </header>
      {tab === "rules" && <Rules />}
      {tab === "send" && <Send />}
      {tab === "missed" && <NotAlerted />}
      {tab === "alerts" && <AlertList />}
    </div>
  );
}
