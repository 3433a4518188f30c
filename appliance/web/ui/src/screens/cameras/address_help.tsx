import { useId } from "preact/hooks";
import { addressesOf, MAKERS } from "./address";

interface Props {
  written: string;
  onChoose: (found: { main: string; small: string }) => void;
}

/** Where an address is found, and the usual ones of some makers. */
export function AddressHelp({ written, onChoose }: Props) {
  const id = useId();
  const choose = (name: string) => {
    const maker = MAKERS.find((one) => one.name === name);
    if (maker !== undefined) onChoose(addressesOf(maker, written));
  };
  return (
    <details class="more">
      <summary>What is my camera's address?</summary>
      <p class="small">
        It has the form <code>rtsp://IP address/path</code>. The camera's IP address stands in its app or in
        your router; its path in its manual, often under “RTSP” or “ONVIF”. RTSP may have to be switched on in
        the camera first, with a user of its own.
      </p>
      <div class="field">
        <label for={id}>Fill in the usual path of a maker</label>
        <select id={id} value="" onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">Choose …</option>
          {MAKERS.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <p class="hint">
          Write the camera's IP address first. The smaller second stream is filled in as well; models differ,
          the test tells.
        </p>
      </div>
    </details>
  );
}
