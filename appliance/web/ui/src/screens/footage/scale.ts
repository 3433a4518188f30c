// The time that a timeline shows, and where on it a moment lies. Times in milliseconds since 1970.

export interface View {
  fromMs: number;
  toMs: number;
}

export const LEAST_SPAN_MS = 60_000;
export const MOST_SPAN_MS = 31 * 86_400_000;
/** So much of the view may lie after now, for the edge to be seen moving. */
const AHEAD = 0.15;

export const spanOf = (view: View) => view.toMs - view.fromMs;
export const xOf = (view: View, width: number, ms: number) => ((ms - view.fromMs) / spanOf(view)) * width;
export const msAt = (view: View, width: number, x: number) => view.fromMs + (x / width) * spanOf(view);
export const isIn = (view: View, ms: number) => ms >= view.fromMs && ms <= view.toMs;

/** A view of so much time with a moment at a share of its width. */
export function around(ms: number, spanMs: number, share = 0.5): View {
  const span = Math.min(MOST_SPAN_MS, Math.max(LEAST_SPAN_MS, spanMs));
  const fromMs = ms - span * share;
  return { fromMs, toMs: fromMs + span };
}

/** Show `factor` times as much time; the moment stays where it is. */
export function zoomed(view: View, factor: number, ms: number): View {
  return around(ms, spanOf(view) * factor, (ms - view.fromMs) / spanOf(view));
}

export const panned = (view: View, byMs: number): View => ({
  fromMs: view.fromMs + byMs,
  toMs: view.toMs + byMs,
});

/** The view in which two moments lie at two places, as two fingers hold them. */
export function pinched(width: number, one: Held, other: Held): View {
  const [left, right] = one.x <= other.x ? [one, other] : [other, one];
  const apart = Math.max(1, right.x - left.x);
  const span = (Math.max(1, right.ms - left.ms) / apart) * width;
  const middleMs = (left.ms + right.ms) / 2;
  return around(middleMs, span, (left.x + right.x) / 2 / width);
}

export interface Held {
  ms: number;
  x: number;
}

/** Keep a view within the time that there can be something of. */
export function bounded(view: View, nowMs: number): View {
  const span = spanOf(view);
  const latest = nowMs + span * AHEAD;
  if (view.toMs > latest) return { fromMs: latest - span, toMs: latest };
  return view.fromMs < 0 ? { fromMs: 0, toMs: span } : view;
}

/** Keep what plays in sight: the view moves once the moment comes near its right edge. */
export function following(view: View, ms: number, beforeMs: number): View {
  const edge = view.fromMs + spanOf(view) * 0.8;
  if (ms > edge && isIn(view, beforeMs)) return panned(view, ms - Math.max(edge, beforeMs));
  return view;
}

/** Bring a moment into sight, if it is not. */
export function revealing(view: View, ms: number): View {
  return isIn(view, ms) ? view : around(ms, spanOf(view));
}
