// Alerts, the rules that they come from, and who else is told of them.

import { type Tab, Tabbed } from "../../parts/tabbed";
import { AlertList } from "./alert_list";
import "./alerts.css";
import { NotAlerted } from "./not_alerted";
import { Rules } from "./rules";
import { Send } from "./send";

const TABS: readonly Tab[] = [
  ["alerts", "Alerts", "alerts.view", AlertList],
  ["missed", "Not alerted", "events.view", NotAlerted],
  ["rules", "Rules", "rules.view", Rules],
  ["send", "Send", "targets.view", Send],
];

export function Alerts() {
  return (
    <div class="alerts-screen">
      <Tabbed title="Alerts" path="/alerts" tabs={TABS} />
    </div>
  );
}
