import { Icon } from "../../parts/icon";
import { Nothing } from "../../parts/nothing";
import { may } from "../../state/access";
import { useRules } from "./use_rules";

/** No alert is open: because nothing happened, or because no rule asks for any. */
export function NoAlerts() {
  if (may("rules.view")) return <ByRules />;
  return (
    <Nothing
      icon="check"
      title="No open alerts"
      text="Nothing has happened that the rules tell of and that nobody has looked at."
    />
  );
}

function ByRules() {
  const { rules } = useRules();
  if (rules === null) return null;
  if (rules.some(({ enabled }) => enabled))
    return (
      <Nothing
        icon="check"
        title="No open alerts"
        text="Nothing has happened that your rules tell of and that nobody has looked at."
        action={
          <a class="button" href="/alerts?tab=rules">
            Look at the rules
          </a>
        }
      />
    );
  return (
    <Nothing
      icon="alert"
      title="Be told of what matters"
      text={
        rules.length === 0
          ? "An alert comes when something happens that a rule of yours describes, such as a person in the yard. There is no rule yet."
          : "An alert comes when something happens that a rule of yours describes. All your rules are switched off."
      }
      action={
        may("rules.manage") && (
          <a
            class="button primary"
            href={rules.length === 0 ? "/alerts?tab=rules&new=1" : "/alerts?tab=rules"}
          >
            <Icon name={rules.length === 0 ? "plus" : "alert"} />
            <span>{rules.length === 0 ? "Make the first rule" : "Look at the rules"}</span>
          </a>
        )
      }
    />
  );
}
