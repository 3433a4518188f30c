/** Where a camera's IP address is found, and what to do where that is not enough. */
export function AddressHelp() {
  return (
    <details class="more">
      <summary>Where do I find that?</summary>
      <p class="small">
        The camera's IP address stands in its app, or in your router's list of devices. User and password are
        those of the camera; some have a user of its own for video, often under “RTSP” or “ONVIF” in the app,
        where that may have to be switched on first.
      </p>
      <p class="small">
        With these, Nightjar tries the addresses that makers use, one after the other. If none fits, write the
        whole address as the camera's settings or manual name it, such as{" "}
        <code>rtsp://192.168.1.20/stream1</code>; one with <code>http://</code> is right for Motion JPEG.
      </p>
    </details>
  );
}
