import { Component, type ComponentChildren } from "preact";
import { wordsOf } from "../api";
import { Button } from "./button";
import { Nothing } from "./nothing";

interface Props {
  /** Where one is: elsewhere all may be well. */
  path: string;
  children: ComponentChildren;
}

/** What is shown instead of a screen that has a fault in it. */
export class Mishap extends Component<Props, { problem: string | null }> {
  override state = { problem: null };

  static override getDerivedStateFromError(problem: unknown) {
    return { problem: wordsOf(problem) };
  }

  override componentDidUpdate(before: Props): void {
    if (before.path !== this.props.path && this.state.problem !== null) this.setState({ problem: null });
  }

  override render() {
    const { problem } = this.state;
    if (problem === null) return this.props.children;
    return (
      <Nothing
        icon="warn"
        title="This page has a fault"
        text={`Only the page is concerned; the box goes on by itself. What went wrong: ${problem}`}
        action={<Button onClick={() => location.reload()}>Load it again</Button>}
      />
    );
  }
}
