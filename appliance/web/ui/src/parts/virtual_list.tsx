// A list of which only the rows in sight exist, however many there are.

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

interface Props<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  /** About how high a row is, in pixels; each is measured when it is shown. */
  estimate: (item: T) => number;
  row: (item: T, index: number) => ComponentChildren;
  /** The end is near: fetch more. Called again only once `items` has changed. */
  onEnd?: () => void;
  label: string;
  /** The index of a row that is to be in sight, when it changes. */
  reveal?: number;
  /** What stands above the first row, and scrolls with the rows. */
  head?: ComponentChildren;
  /** What stands below the last row. */
  foot?: ComponentChildren;
}

const NEAR_END_ROWS = 12;

export function VirtualList<T>({ items, keyOf, estimate, row, onEnd, label, reveal, head, foot }: Props<T>) {
  const scroller = useRef<HTMLElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const virtualizer = useRef<Virtualizer<HTMLElement, HTMLLIElement> | null>(null);
  const options = {
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index: number) => estimate(items[index] as T),
    getItemKey: (index: number) => keyOf(items[index] as T),
    scrollMargin: list.current?.offsetTop ?? 0,
    overscan: 6,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => again(0),
  };
  virtualizer.current ??= new Virtualizer<HTMLElement, HTMLLIElement>(options);
  const rows = virtualizer.current;
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), []);
  useLayoutEffect(() => rows._willUpdate());
  useLayoutEffect(() => {
    if (reveal !== undefined && reveal >= 0) rows.scrollToIndex(reveal, { align: "auto" });
  }, [reveal]);
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useLayoutEffect(() => {
    if (lastShown >= items.length - NEAR_END_ROWS) onEnd?.();
  }, [items, lastShown >= items.length - NEAR_END_ROWS]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard
    <section class="virtual" ref={scroller} tabIndex={0} aria-label={label}>
      {head}
      <ul ref={list} style={{ height: `${rows.getTotalSize()}px` }}>
        {shown.map((one) => (
          <li
            key={one.key}
            data-index={one.index}
            ref={(element) => rows.measureElement(element)}
            aria-setsize={items.length}
            aria-posinset={one.index + 1}
            style={{ transform: `translateY(${one.start - options.scrollMargin}px)` }}
          >
            {row(items[one.index] as T, one.index)}
          </li>
        ))}
      </ul>
      {foot}
    </section>
  );
}
