import { Icon } from "../../parts/icon";
import type { Finding } from "./measures";

/** What is not as it should be: what it means, and the next step. */
export function Findings({ items, isShort }: { items: readonly Finding[]; isShort?: boolean }) {
  if (items.length === 0) return null;
  return (
    <ul class="findings">
      {items.map(({ tone, title, text, next, link }) => (
        <li key={title} data-tone={tone}>
          <Icon name={tone === "bad" || tone === "warn" ? "warn" : "info"} />
          <div>
            <p>
              <strong>{title}</strong>
              {text !== "" && <> — {text}</>}
            </p>
            {next !== "" && !(isShort && tone === "wait") && (
              <p class="muted">{link === undefined ? next : <a href={link}>{next}</a>}</p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
