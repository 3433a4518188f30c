// Reads the timecode of what a <video> or <img> shows; see timecode.py, which passes the layout.
async (element, [columns, rows, block, left, top]) => {
  if (element.paused === false && !element.ended) {
    // Of a playing video a picture that was just shown is read, after the page's own callbacks for it.
    const late = new Promise((done) => setTimeout(done, 1000));
    await Promise.race([late, new Promise((done) => element.requestVideoFrameCallback(done))]);
  }
  const width = element.videoWidth ?? element.naturalWidth;
  const height = element.videoHeight ?? element.naturalHeight;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(element, 0, 0, width, height);
  const now_ms = Date.now();
  const bytes = new Array((columns * rows) / 8).fill(0);
  let sum = 0;
  for (let i = 0; i < columns * rows; i += 1) {
    const x = left + (i % columns) * block + block / 2;
    const y = top + Math.floor(i / columns) * block + block / 2;
    const [red, green, blue] = context.getImageData(x, y, 1, 1).data;
    if (red + green + blue > 3 * 128) bytes[i >> 3] |= 0x80 >> (i & 7);
    sum += red + green + blue;
  }
  const [time, check] = [bytes.slice(0, 6), bytes[6] * 256 + bytes[7]];
  let crc = 0xffff;
  for (const byte of time) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  const wall_ms = crc === check ? time.reduce((value, byte) => value * 256 + byte, 0) : null;
  const shown = { position_s: element.currentTime ?? null, said: element.dataset.wall ?? "" };
  return { wall_ms, now_ms, mean: sum / (3 * columns * rows), width, height, ...shown };
};
