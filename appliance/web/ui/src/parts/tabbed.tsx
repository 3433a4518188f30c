import type { ComponentType } from "preact";
import { useLocation } from "preact-iso";
import { withQuery } from "../api";
import { may } from "../state/access";
import { Segmented } from "./segmented";

/** An id for the address, what it is called, what one must be allowed, and what is shown. */
export type Tab = readonly [string, string, string, ComponentType];

/** A screen of parts, of which one is shown: of those that one may see, the one in the address, or the first. */
export function Tabbed({ title, path, tabs }: { title: string; path: string; tabs: readonly Tab[] }) {
  const { query, route } = useLocation();
  const open = tabs.filter(([, , needs]) => may(needs));
  const shown = open.find(([one]) => one === query.tab) ?? open[0];
  if (shown === undefined) return null;
  const [tab, , , Part] = shown;
  return (
    <>
      <header class="screen-head">
        <h1>{title}</h1>
        <Segmented
          label="What to show"
          value={tab}
          options={open.map(([one, text]) => [one, text] as const)}
          onChange={(next) => route(withQuery(path, { tab: next === tabs[0]?.[0] ? null : next }))}
        />
      </header>
      <Part />
    </>
  );
}
