/** The address of the live pictures: all of them, or one camera large; `isWall` for a display that shows nothing else. */
export function addressOf(cameraId: string | null, isWall: boolean): string {
  const query = new URLSearchParams();
  if (isWall) query.set("wall", "on");
  if (cameraId !== null) query.set("camera", cameraId);
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}
