// Who may use this box: one's own account, users, the keys of programs, logins, and what was done.

import { useLocation } from "preact-iso";
import { withQuery } from "../../api";
import { Segmented } from "../../parts/segmented";
import { may } from "../../state/access";
import { Account } from "./account";
import "./access.css";
import { Audit } from "./audit";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";
import { Users } from "./users";

const TABS = [
  ["account", "Me", "page"],
  ["users", "Users", "users.manage"],
  ["sessions", "Logins", "account.own"],
  ["tokens", "Tokens", "account.own"],
  ["audit", "Audit", "audit.view"],
] as const;
type Tab = (typeof TABS)[number][0];

export function Access() {
  const { query, route } = useLocation();
  const open = TABS.filter(([, , needs]) => may(needs));
  const tab = open.find(([one]) => one === query.tab)?.[0] ?? "account";
  const choose = (next: Tab) => route(withQuery("/access", { tab: next === "account" ? null : next }));
  return (
    <div class="access">
      <header class="screen-head">
        <h1>Access</h1>
        <Segmented
          label="What to show"
          value={tab}
          options={open.map(([one, text]) => [one, text] as const)}
          onChange={choose}
        />
      </header>
      {tab === "account" && <Account />}
      {tab === "users" && <Users />}
      {tab === "sessions" && <Sessions />}
      {tab === "tokens" && <Tokens />}
      {tab === "audit" && <Audit />}
    </div>
  );
}
