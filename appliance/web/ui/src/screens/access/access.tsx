// Who may use this box: one's own account, users, the keys of programs, logins, and what was done.

import { type Tab, Tabbed } from "../../parts/tabbed";
import { Account } from "./account";
import "./access.css";
import { Audit } from "./audit";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";
import { Users } from "./users";

const TABS: readonly Tab[] = [
  ["account", "Me", "page", Account],
  ["users", "Users", "users.manage", Users],
  ["sessions", "Logins", "account.own", Sessions],
  ["tokens", "Tokens", "account.own", Tokens],
  ["audit", "Audit", "audit.view", Audit],
];

export function Access() {
  return (
    <div class="access">
      <Tabbed title="Access" path="/access" tabs={TABS} />
    </div>
  );
}
