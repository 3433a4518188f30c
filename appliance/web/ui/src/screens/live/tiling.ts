// How tiles of one shape fill a window: as large as can be, all in sight where that is not too small.

export interface Tiling {
  columns: number;
  /** How wide a tile is, in whole pixels. */
  width: number;
  height: number;
  /** Whether all of them are in sight at once; otherwise they scroll. */
  isWhole: boolean;
}

interface Room {
  width: number;
  height: number;
  gap: number;
}

const ASPECT = 16 / 9;

/**
 * The largest tiles of which `count` fit into the room. Where these would be narrower than `least`, the tiles are
 * as wide as the room allows with at least that, and scroll.
 */
export function tilingOf(count: number, room: Room, least: number): Tiling {
  let best = tiles(1, Math.max(1, count), room);
  for (let columns = 2; columns <= count; columns += 1) {
    const one = tiles(columns, count, room);
    if (one.width > best.width) best = one;
  }
  if (best.width >= Math.min(least, room.width)) return best;
  return columnsOf(Math.max(1, Math.floor((room.width + room.gap) / (least + room.gap))), room);
}

/** So many columns over the whole width, whatever their height. */
export function columnsOf(columns: number, { width, gap }: Room): Tiling {
  const wide = Math.max(1, Math.floor((width - (columns - 1) * gap) / columns));
  return { columns, width: wide, height: Math.floor(wide / ASPECT), isWhole: false };
}

function tiles(columns: number, count: number, room: Room): Tiling {
  const rows = Math.ceil(count / columns);
  const wide = (room.width - (columns - 1) * room.gap) / columns;
  const high = (room.height - (rows - 1) * room.gap) / rows;
  const width = Math.max(1, Math.floor(Math.min(wide, high * ASPECT)));
  return { columns, width, height: Math.floor(width / ASPECT), isWhole: true };
}
