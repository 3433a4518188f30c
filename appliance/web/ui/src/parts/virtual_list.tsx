// A list of which only the rows in sight exist, however many there are.

import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";

/** What can be asked of a list that is shown. */
export interface ListHandle {
  toTop(): void;
}

interface Props<T> {
  /** Another array whenever anything of it is another: rows are looked up again only then. */
  items: readonly T[];
  /** A name for the row that stays the same while rows come and go around it. */
  keyOf: (item: T) => string;
  /** About how high a row is, in pixels; each is measured when it is shown. */
  estimate: (item: T) => number;
  row: (item: T, index: number) => ComponentChildren;
  /** Whether a row stays at the top while the rows below it go by, until the next such row comes: a head. */
  isHead?: (item: T) => boolean;
  /** The end is near: fetch more. Called again only once `items` has changed. */
  onEnd?: () => void;
  /** Whether the first row is in sight, when that changes. */
  onTop?: (isTop: boolean) => void;
  label: string;
  /** The index of a row that is to be in sight, whenever it is another row. */
  reveal?: number;
  handle?: RefObject<ListHandle | null>;
  /** What stands above the first row, and scrolls with the rows. */
  head?: ComponentChildren;
  /** What stands below the last row. */
  foot?: ComponentChildren;
}

type Rows = Virtualizer<HTMLElement, HTMLLIElement>;

const NEAR_END_ROWS = 12;
const TOP_PX = 24;
const HEAD_PX = 48;

/**
 * Rows may differ in height and change it. Whoever reads further down keeps the row before their eyes where it is
 * when others come or go above; whoever is at the top sees what is new.
 */
export function VirtualList<T>(props: Props<T>) {
  const { items, keyOf, estimate, row, label, foot } = props;
  const scroller = useRef<HTMLElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const virtualizer = useRef<Rows | null>(null);
  // The virtualizer lays everything out anew whenever it is given another one of these.
  const getItemKey = useMemo(() => (index: number) => keyOf(items[index] as T), [items]);
  const margin = useOffset(list);
  const heads = useHeads(props);
  const isTop = (virtualizer.current?.scrollOffset ?? 0) <= margin + TOP_PX;
  const options = {
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index: number) => estimate(items[index] as T),
    getItemKey,
    scrollMargin: margin,
    // Hold on to the row that is being read, except for whoever waits at the top for what comes.
    anchorTo: isTop ? ("start" as const) : ("end" as const),
    // At the end nothing is to hold on to but that row.
    scrollEndThreshold: -1,
    overscan: 6,
    rangeExtractor: heads.withHead,
    scrollPaddingStart: props.isHead === undefined ? 0 : HEAD_PX,
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
  const shown = rows.getVirtualItems();
  const head = heads.at(rows.range?.startIndex ?? 0);
  useReveal(rows, props);
  useTellers(props, isTop, shown.at(-1)?.index ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard
    <section class="virtual" ref={scroller} tabIndex={0} aria-label={label}>
      {props.head}
      <ul ref={list} style={{ height: `${rows.getTotalSize()}px` }}>
        {shown.map((one) => (
          <li
            key={one.key}
            data-index={one.index}
            ref={rows.measureElement}
            aria-setsize={items.length}
            aria-posinset={one.index + 1}
            data-head={one.index === head || undefined}
            style={one.index === head ? {} : { transform: `translateY(${one.start - margin}px)` }}
          >
            {row(items[one.index] as T, one.index)}
          </li>
        ))}
      </ul>
      {foot}
    </section>
  );
}

/** How far below the top of what scrolls a list begins: as far as its head is high. */
function useOffset(list: RefObject<HTMLElement | null>): number {
  const [, again] = useReducer((n: number) => n + 1, 0);
  const offset = useRef(0);
  useLayoutEffect(() => {
    const now = list.current?.offsetTop ?? 0;
    if (now === offset.current) return;
    offset.current = now;
    again(0);
  });
  return offset.current;
}

/** Which head is at the top: it is there even though it would be out of sight by itself. */
function useHeads<T>({ items, isHead }: Props<T>) {
  return useMemo(() => {
    // Looked for from where one is: most lists are long, and hardly any part of them is looked at.
    const at = (index: number) => {
      let head = isHead === undefined ? -1 : Math.min(index, items.length - 1);
      while (head >= 0 && !isHead?.(items[head] as T)) head -= 1;
      return head;
    };
    const withHead = (range: Range) => {
      const [head, indexes] = [at(range.startIndex), defaultRangeExtractor(range)];
      return head < 0 || indexes.includes(head) ? indexes : [head, ...indexes];
    };
    return { at, withHead };
  }, [items]);
}

function useReveal<T>(rows: Rows, { items, keyOf, reveal = -1, handle }: Props<T>): void {
  const wanted = items[reveal];
  useLayoutEffect(() => {
    if (wanted !== undefined) rows.scrollToIndex(reveal, { align: "auto" });
  }, [wanted === undefined ? null : keyOf(wanted)]);
  useLayoutEffect(() => {
    if (handle !== undefined) handle.current = { toTop: () => rows.scrollToOffset(0) };
  }, [handle]);
}

function useTellers<T>({ items, onEnd, onTop }: Props<T>, isTop: boolean, lastShown: number): void {
  const isNearEnd = lastShown >= items.length - NEAR_END_ROWS;
  useLayoutEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [items, isNearEnd]);
  useLayoutEffect(() => onTop?.(isTop), [isTop]);
}
