// What is recorded of a camera, and how much of it is kept.

import type { Camera, RecordingChange } from "../../wire";
import { bytesOf, gigabytes, numberOf } from "./changes";
import type { Save } from "./saving";
import { MODE_HINTS, MODE_NAMES, MODES } from "./schedule";
import { ChoiceSetting, SwitchSetting, TextSetting } from "./settings";

const LONGEST_DAYS = 36_500;
const MOST_GB = 1_000_000;
const LEAST_GB = 0.001;

export function RecordingSettings({ camera, save }: { camera: Camera; save: Save }) {
  const { mode, pre_roll_s, post_roll_s, keep_days, most_bytes, sound, schedule } = camera.recording;
  const keep = (recording: RecordingChange, done: string) => save({ recording }, done);
  const roll = (name: "pre_roll_s" | "post_roll_s", most: number) => (text: string) => {
    const seconds = numberOf(text, { least: 0, most });
    if (seconds === null) throw new Error(`Write a number from 0 to ${most}.`);
    return keep({ [name]: seconds }, `${seconds} s are kept ${name === "pre_roll_s" ? "before" : "after"}.`);
  };
  // A schedule may still record around motion and events.
  const hasRolls = mode === "motion" || mode === "events" || schedule.length > 0;
  return (
    <section class="panel form">
      <h2>Recording</h2>
      <ChoiceSetting
        label="Record"
        hint={MODE_HINTS[mode]}
        value={mode}
        options={MODES.map((one) => [one, MODE_NAMES[one]] as const)}
        save={(next) => keep({ mode: next }, `Recording: ${MODE_NAMES[next].toLowerCase()}.`)}
      />
      {hasRolls && (
        <div class="pair">
          <TextSetting
            isNumber
            label="Seconds before"
            value={String(pre_roll_s)}
            save={roll("pre_roll_s", 60)}
          />
          <TextSetting
            isNumber
            label="Seconds after"
            value={String(post_roll_s)}
            save={roll("post_roll_s", 600)}
          />
        </div>
      )}
      <div class="pair">
        <TextSetting
          isNumber
          label="Keep for days, at most"
          hint="Empty: as is set for all cameras."
          placeholder="as long as there is room"
          value={keep_days === null ? "" : String(keep_days)}
          save={(text) => {
            const days = numberOf(text, { least: 0, most: LONGEST_DAYS });
            if (days === 0) throw new Error("Write more than 0, or leave it empty.");
            return keep(
              { keep_days: days },
              days === null ? "No limit in days of its own." : `${days} days are kept.`,
            );
          }}
        />
        <TextSetting
          isNumber
          label="Keep gigabytes, at most"
          hint="Empty: no limit of its own. The oldest goes first."
          placeholder="as long as there is room"
          value={gigabytes(most_bytes)}
          save={(text) => {
            const gb = numberOf(text, { least: LEAST_GB, most: MOST_GB });
            return keep(
              { most_bytes: bytesOf(gb) },
              gb === null ? "No limit in size of its own." : `At most ${gb} GB are kept.`,
            );
          }}
        />
      </div>
      <SwitchSetting
        label="With sound"
        hint="In some places the law forbids to record what people say. Live sound can be heard all the same."
        value={sound}
        save={(next) => keep({ sound: next }, next ? "Sound is recorded." : "No sound is recorded.")}
      />
    </section>
  );
}
