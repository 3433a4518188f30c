// What bench/page.py measures inside the page, as `bench`; it is put in before the page's own scripts.

const LONGEST_STEP_MS = 5000;

/** Resolves with the first value that a look at each frame of the window finds. */
function eachFrame(look) {
  return new Promise((done) => {
    const again = () => {
      const found = look();
      if (found === undefined) requestAnimationFrame(again);
      else done(found);
    };
    again();
  });
}

/** Move the mouse over what lies there, while its button is down. */
function drag(x, y) {
  const mouse = { pointerId: 1, pointerType: "mouse", isPrimary: true, buttons: 1, bubbles: true };
  const event = new PointerEvent("pointermove", { ...mouse, clientX: x, clientY: y });
  document.elementFromPoint(x, y).dispatchEvent(event);
}

window.bench = {
  /** Milliseconds from the navigation until every tile has a picture, and until every tile plays. */
  tiles(count) {
    const hasPicture = (tile) =>
      [...tile.querySelectorAll("img")].some((image) => image.complete && image.naturalWidth > 0);
    const plays = (tile) => tile.querySelector("[data-live=playing]") !== null;
    let pictured = null;
    return eachFrame(() => {
      const tiles = [...document.querySelectorAll(".tile")];
      if (tiles.length < count) return undefined;
      if (pictured === null && tiles.every((tile) => hasPicture(tile) || plays(tile))) pictured = performance.now();
      return tiles.every(plays) ? [pictured, performance.now()] : undefined;
    });
  },

  /** Milliseconds to fetch and decode pictures, all at once. */
  async pictures(paths) {
    const begun = performance.now();
    const decoded = paths.map((path) => {
      const image = new Image();
      image.src = path;
      return image.decode();
    });
    await Promise.all(decoded);
    return performance.now() - begun;
  },

  /** Bytes of scripts and styles as they came over the network. */
  loaded() {
    const files = performance.getEntriesByType("resource");
    const code = files.filter((file) => /\.(js|css)$/.test(new URL(file.name).pathname));
    return code.reduce((sum, file) => sum + file.encodedBodySize, 0);
  },

  /** Drag to a place; milliseconds until another small picture than `before` is there, and of which moment it is. */
  async step(x, y, before) {
    const begun = performance.now();
    drag(x, y);
    const picture = await eachFrame(() => {
      if (performance.now() - begun > LONGEST_STEP_MS) return null;
      const shown = document.querySelector("img.stage-preview");
      const isNew = shown !== null && shown.dataset.at !== before;
      return isNew && shown.complete && shown.naturalWidth > 0 ? shown.dataset.at : undefined;
    });
    return picture === null ? null : [performance.now() - begun, picture];
  },

  /** Drag to and fro without a stop; milliseconds between the window's frames meanwhile. */
  async frames(left, right, y, durationMs) {
    const [begun, times] = [performance.now(), []];
    await eachFrame(() => {
      const at = performance.now() - begun;
      times.push(at);
      drag(left + (right - left) * Math.abs(Math.sin(at / 800)), y);
      return at > durationMs ? true : undefined;
    });
    return times.slice(1).map((time, i) => time - times[i]);
  },
};
