// A new camera: where it is, its streams are found, its picture is shown, and it is there.

import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { Icon } from "../../parts/icon";
import { cameraList } from "../../state/session";
import { AddressHelp } from "./address_help";
import { CodeInput } from "./code_input";
import { trialField } from "./measures";
import { Password } from "./password";
import { Trial } from "./trial";
import { freeName, useNewCamera } from "./use_new_camera";

type NewCamera = ReturnType<typeof useNewCamera>;

export function AddCamera() {
  const camera = useNewCamera();
  const { errors, isPlace, isTrying, result, tryIt, add } = camera;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isTrying) return;
    void (result?.ok === true ? add() : tryIt());
  };
  return (
    <>
      <header class="screen-head">
        <a class="button quiet icon-only" href="/cameras" aria-label="All cameras">
          <Icon name="back" />
        </a>
        <h1>{cameraList.value.length === 0 ? "Add your first camera" : "Add a camera"}</h1>
      </header>
      <div class="add-camera">
        <form class="form panel" onSubmit={submit} noValidate>
          <Where {...camera} />
          {!isPlace && <Naming {...camera} />}
          {errors.form !== undefined && (
            <p class="error" role="alert">
              {errors.form}
            </p>
          )}
          <Actions {...camera} />
        </form>
        <Trial isTrying={isTrying} isSearch={isPlace} result={result} />
      </div>
    </>
  );
}

/** Where the camera is, user and password; what a failed trial is about is marked. */
function Where({ form, errors, isPlace, result, put, sortOut }: NewCamera) {
  // Once it works there is nothing left to explain, and the button that adds it comes nearer.
  const hints = result?.ok !== true;
  const doubted = result === null || result.ok ? null : trialField(result.kind);
  return (
    <>
      <Field
        label={isPlace ? "Camera's IP address or name" : "Address"}
        hint={isPlace ? "A whole address, such as rtsp://192.168.1.20/stream1, will do as well." : undefined}
        error={errors.address ?? null}
      >
        <CodeInput
          isUrl
          autofocus
          name="address"
          value={form.address}
          placeholder="192.168.1.20"
          isDoubted={doubted === "address"}
          onInput={(address) => put({ address })}
          onBlur={sortOut}
        />
      </Field>
      {isPlace && <AddressHelp />}
      <div class="pair">
        <Field
          label="User"
          hint={hints ? "Empty where the camera asks for none." : undefined}
          error={errors.user ?? null}
        >
          <CodeInput
            name="user"
            value={form.user}
            isDoubted={doubted === "user"}
            onInput={(user) => put({ user })}
          />
        </Field>
        <Field
          label="Password"
          hint={hints ? "Stays in this box, and is never shown again." : undefined}
          error={errors.password ?? null}
        >
          <Password value={form.password} onInput={(password) => put({ password })} />
        </Field>
      </div>
    </>
  );
}

function Naming({ form, errors, put }: NewCamera) {
  return (
    <>
      <details class="more" open={form.second !== "" || errors.second !== undefined}>
        <summary>A second, smaller stream</summary>
        <Field
          label="Second address"
          hint="A smaller stream of the same camera, for the overview of all cameras; read with the same user and password."
          error={errors.second ?? null}
        >
          <CodeInput
            isUrl
            name="live_address"
            value={form.second}
            placeholder="rtsp://192.168.1.20/stream2"
            onInput={(second) => put({ second })}
          />
        </Field>
      </details>
      <Field label="Name" hint="Such as Front door." error={errors.name ?? null}>
        <input
          name="name"
          value={form.name}
          maxLength={100}
          placeholder={freeName()}
          autocomplete="off"
          onInput={(event) => put({ name: event.currentTarget.value })}
        />
      </Field>
    </>
  );
}

function Actions({ isPlace, isTrying, isAdding, result, tryIt, cancel, add }: NewCamera) {
  const isGood = result?.ok === true;
  const next = isGood ? "Add this camera" : isPlace ? "Find it" : "Test it";
  return (
    <div class="actions">
      <Button kind="primary" type="submit" busy={isTrying || isAdding}>
        {isTrying ? (isPlace ? "Looking …" : "Connecting …") : next}
      </Button>
      {isTrying && <Button onClick={cancel}>Cancel</Button>}
      {!isTrying && isGood && <Button onClick={tryIt}>Test again</Button>}
      {!isTrying && !isGood && !isPlace && (
        <Button onClick={add} busy={isAdding}>
          Add without a test
        </Button>
      )}
    </div>
  );
}
