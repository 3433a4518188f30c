// The types of the API. Made of the Python ones by `make wire`; not to be changed here.

/** A moment, in ISO 8601 with a zone. */
export type Time = string;

/** One page of a list; `next` is the token of the next one. */
export interface Items<T> {
  items: T[];
  next: string | null;
}

/**
 * A disk with footage that none of the storage paths is now; `path` is where it was seen last.
 */
export interface AbsentDisk {
  id: string;
  path: string;
  footage_bytes: number;
  protected_bytes: number;
}

/**
 * Who asks, and what that one may. `login` is how to get in: `none` is needed at a box that nobody has claimed
 * and that only programs of this machine reach, `claim` it first, or log in by `password`. `cameras` are those
 * that may be seen, null is all. `fingerprint` is the SHA-256 of the certificate, where there is one.
 */
export interface Access {
  login: "claim" | "none" | "password";
  name: string;
  role: "admin" | "operator" | "viewer" | null;
  kind: "local" | "nobody" | "token" | "user";
  cameras: string[] | null;
  permissions: string[];
  fingerprint: string | null;
}

/**
 * A rule that an event satisfied.
 */
export interface Alert {
  id: string;
  rule_id: string;
  rule_name: string;
  event_id: string;
  batch_id: string;
  camera_id: string;
  visit_id: string;
  label: string;
  severity: "critical" | "high" | "low" | "medium";
  state: "acknowledged" | "dismissed" | "open";
  created_at: Time;
  acknowledged_at: Time | null;
  dismissed_at: Time | null;
  summary: string;
}

/**
 * Why a rule alerted: each of its conditions with the value that fulfilled it.
 */
export interface AlertWhy {
  alert_id: string;
  rule_id: string;
  rule_name: string;
  event_id: string;
  steps: TraceStep[];
}

/**
 * The process answers.
 */
export interface Alive {
  alive: boolean;
}

/**
 * Who is at home now. The clock sets the states of `hours` when they begin; one that is set by hand holds until
 * others begin. `by_hand` is the state that was set by hand last, at `set_at` (null: never); it holds again when
 * the hours of `state` end.
 */
export interface Arm {
  state: "away" | "home" | "night";
  by_hand: "away" | "home" | "night";
  set_at: Time | null;
  hours: ArmHours[];
}

/**
 * The state to set by hand, as of now, or the hours that set one, all of them; or both.
 */
export interface ArmChange {
  state?: "away" | "home" | "night";
  hours?: ArmHours[];
}

/**
 * A state that the clock sets for some hours of some weekdays, by the box's local time.
 */
export interface ArmHours {
  days: ("fri" | "mon" | "sat" | "sun" | "thu" | "tue" | "wed")[];
  from: string;
  to: string;
  state: "away" | "home" | "night";
}

/**
 * What somebody did: `what` is a permission or an action such as `login`, `subject` to what.
 */
export interface AuditEntry {
  id: number;
  at: Time;
  who: string;
  kind: "local" | "nobody" | "service" | "token" | "user";
  address: string;
  what: string;
  subject: string;
  outcome: "done" | "failed" | "refused";
  detail: Record<string, unknown>;
}

/**
 * The last backup, and whether it could be restored when that was tried; null is what never happened. `wanted`
 * is false where no backup was ever made and none is asked for. `verified` is null where the last one was not
 * tried yet; `trouble` says why the backups cannot be relied on, and is empty when they can.
 */
export interface Backup {
  wanted: boolean;
  at: Time | null;
  file: string | null;
  bytes: number | null;
  verified: boolean | null;
  verified_at: Time | null;
  trouble: string;
}

/**
 * What is usual at a camera by the events of the last weeks; labels by how often they come. `days` says on how
 * many days it rests, older ones counting less; it counts in risks once they are `needed_days`.
 */
export interface Baseline {
  camera_id: string;
  days: number;
  needed_days: number;
  labels: LabelBaseline[];
}

/**
 * What went on at a camera for a while.
 */
export interface Batch {
  id: string;
  chain_id: string;
  camera_id: string;
  state: "completed" | "open";
  started_at: Time;
  ended_at: Time | null;
  severity: "critical" | "high" | "low" | "medium";
  event_count: number;
  summary: string;
  reviewed: boolean;
}

/**
 * What a person may change of a batch.
 */
export interface BatchChange {
  reviewed?: boolean;
}

/**
 * A camera and its state; `labels` is null where the usual ones count. `scene_managed_by` is `file` where the
 * configuration file draws its zones, lines and masks; a camera of the file for which it draws none has its
 * scene from the API.
 */
export interface Camera {
  id: string;
  name: string;
  enabled: boolean;
  loop: boolean;
  detect_fps: number;
  labels: string[] | null;
  decode: "always" | "auto" | "keyframes";
  recording: Recording;
  scene: Scene;
  scene_managed_by: "api" | "file";
  has_live_url: boolean;
  managed_by: "api" | "file";
  status: "auth_failed" | "connecting" | "disabled" | "ended" | "no_video" | "offline" | "online";
  status_reason: string;
  status_since: Time | null;
  stream: Stream | null;
  created_at: Time;
}

/**
 * Where a camera is read from, for whoever manages cameras; its user name and password stay inside. `live_note`
 * says why the second address could not be read when somebody last wanted to see it; else it is empty.
 */
export interface CameraAddress {
  address: string;
  has_credentials: boolean;
  live_address: string | null;
  live_note: string;
}

/**
 * What to change of a camera. A new address that names no user keeps the present user and password if host and
 * port stay the same; otherwise they are forgotten, so that they never reach another machine. The second address
 * is forgotten likewise when the host changes; null takes it away.
 */
export interface CameraChange {
  name?: string;
  address?: string;
  enabled?: boolean;
  loop?: boolean;
  detect_fps?: number;
  labels?: string[] | null;
  decode?: "always" | "auto" | "keyframes";
  recording?: RecordingChange;
  scene?: SceneChange;
  live_address?: string | null;
}

/**
 * How one camera is now and was over the last 24 hours; null is what is not known. `watched_s` is how long it
 * was to be there while the service looked: of that time `online_share` (0 to 1), the medians,
 * `connection_losses` and `corrupt_frames` tell, null where there is none. `recorded_s`, `deliberate_s` (gaps
 * that the settings wanted), `missing_s` and `unknown_s` add up to the 24 hours. `missing_cause` is that of most
 * of what is missing.
 */
export interface CameraDay {
  camera_id: string;
  status: "auth_failed" | "connecting" | "disabled" | "ended" | "no_video" | "offline" | "online";
  status_reason: string;
  status_since: Time | null;
  fps: number | null;
  bitrate_bps: number | null;
  gop_s: number | null;
  median_fps: number | null;
  median_bitrate_bps: number | null;
  watched_s: number;
  online_share: number | null;
  connection_losses: number | null;
  corrupt_frames: number | null;
  recorded_s: number;
  deliberate_s: number;
  missing_s: number;
  unknown_s: number;
  missing_cause: "camera_down" | "disk_full" | "disk_slow" | "disk_unavailable" | "expired" | "idle" | "lost" | "not_recordable" | "off" | "service_down" | null;
  longest_gap: FootageGap | null;
}

/**
 * One camera's figures of the moment; what was not measured is absent from the JSON. Attributes: fps: pictures
 * received a second. bitrate_bps: bits of video received a second. decoded_megapixels_s: millions of pixels
 * decoded a second. corrupt_frames: pictures in which the decoder concealed errors, since the start of the
 * service. reconnects: attempts to connect again, since the start of the service. is_quiet: nothing happens, and
 * little is decoded; absent where decoding is not on demand. recording: `recording`, or the cause for which no
 * footage of it is kept just now.
 */
export interface CameraFigures {
  id: string;
  fps?: number | null;
  bitrate_bps?: number | null;
  decoded_megapixels_s?: number | null;
  corrupt_frames: number;
  reconnects: number;
  is_quiet?: boolean | null;
  recording?: string | null;
}

/**
 * What lies of one camera on the disks that are there; the pace is that of the last hour.
 */
export interface CameraFootage {
  camera_id: string;
  footage_bytes: number;
  protected_bytes: number;
  bytes_per_s: number | null;
  oldest_at: Time;
}

/**
 * A camera of which the path is not known; the usual ones are tried, and nothing is stored.
 */
export interface CameraSearch {
  host: string;
  user: string;
  password: string;
  port: number;
}

/**
 * How the search for a camera's streams went. `trial` is that of its main stream, or why none was found. The
 * addresses name neither user nor password; `live_address` is that of a smaller stream where there is one.
 * `tried` says how many paths were.
 */
export interface CameraSearchResult {
  trial: CameraTrialResult;
  address: string | null;
  live_address: string | null;
  tried: number;
}

/**
 * The data of a `camera_stats` message: every camera that is being read.
 */
export interface CameraStatsReport {
  cameras: CameraFigures[];
}

/**
 * A camera's part of a timeline; buckets of which nothing is known are left out.
 */
export interface CameraTimeline {
  camera_id: string;
  buckets: TimelineBucket[];
}

/**
 * An address to try; nothing is stored. A second one is advised unless the camera has one.
 */
export interface CameraTrial {
  address: string;
  has_live_address?: boolean;
}

/**
 * How a trial went: `kind` tells the causes apart, `message` says it in words with the next step. `advice` says
 * what could be better in the camera, a sentence or two each. `picture` is its first picture, small, a JPEG in
 * base64; it is stored nowhere.
 */
export interface CameraTrialResult {
  ok: boolean;
  message: string;
  kind: "busy" | "codec" | "dns" | "ended" | "no_known_path" | "no_video" | "not_found" | "protocol" | "refused" | "timeout" | "unauthorized" | null;
  stream: Stream | null;
  advice: string[];
  picture: string | null;
}

/**
 * Every camera over the last 24 hours, in the order of their names.
 */
export interface CamerasDay {
  from: Time;
  to: Time;
  items: CameraDay[];
}

/**
 * What became no event, or an event of which a rule made no alert; `reason` says why. `box` is xyxy from 0 to 1
 * of width and height, at its best moment; null where there is no object. Without an event `event_id`, `rule_id`
 * and `rule_name` are null; the name of a rule that is gone is null as well.
 */
export interface Candidate {
  id: string;
  what: "alert" | "event";
  camera_id: string;
  track_id: number;
  label: string;
  started_at: Time;
  last_seen_at: Time;
  score: number;
  box: [number, number, number, number] | null;
  reason: string;
  steps: TraceStep[];
  event_id: string | null;
  rule_id: string | null;
  rule_name: string | null;
}

/**
 * The first user, an admin; `token` is the setup token, which whoever sits at the box does not need.
 */
export interface Claim {
  name: string;
  password: string;
  token: string | null;
}

/**
 * How long the commits of the last five minutes took: half of them no longer than `p50_ms`.
 */
export interface CommitTimes {
  count: number;
  p50_ms: number;
  p99_ms: number;
  longest_ms: number;
}

/**
 * How the database is doing; null is what is not known, or what there is none of. `free_bytes` are in pages that
 * the file has and does not need. `waiting` counts changes that are not stored yet.
 */
export interface Database {
  path: string;
  bytes: number | null;
  wal_bytes: number | null;
  free_bytes: number;
  tables: TableRows[];
  log_oldest: LogEnd | null;
  log_newest: LogEnd | null;
  commits: CommitTimes | null;
  waiting: number;
  last_check: DatabaseCheck | null;
  copies: DatabaseCopy[];
  backup: Backup;
}

/**
 * The look through the database's pages at the start; of a large one only a part is looked at.
 */
export interface DatabaseCheck {
  at: Time;
  is_whole: boolean;
}

/**
 * A file beside the database: a copy that was made before an upgrade, or a damaged one put aside.
 */
export interface DatabaseCopy {
  name: string;
  bytes: number;
  at: Time;
}

/**
 * How a camera's stream is decoded. `reason` says why it is not decoded on demand, `advice` what can be changed
 * in the camera so that it can be, `decoder_note` why the decoder is not the wanted one; each a sentence, or
 * empty.
 */
export interface Decoding {
  mode: "continuous" | "keyframes" | "on_demand";
  reason: string;
  advice: string;
  decoder: string;
  decoder_note: string;
}

/**
 * An alert on its way to a target, or what became of it; `next_at` is null once that is decided.
 */
export interface Delivery {
  alert_id: string;
  target_id: string;
  target_name: string;
  event_id: string;
  camera_id: string;
  severity: "critical" | "high" | "low" | "medium";
  summary: string;
  state: "delivered" | "expired" | "refused" | "waiting";
  attempts: number;
  reason: string;
  created_at: Time;
  next_at: Time | null;
  done_at: Time | null;
}

/**
 * The detector at work. `note` is a sentence for a person, such as why the built-in detector works instead of a
 * model; `progress` goes from 0 to 1 while a model is fetched, and is null at all other times; `back_end` is
 * what runs the model, and empty for the built-in detector.
 */
export interface DetectorStatus {
  name: string;
  state: "failed" | "ready" | "starting";
  note: string;
  progress: number | null;
  back_end: string;
}

/**
 * One object's visit to one camera's view; `box` is xyxy from 0 to 1 of width and height. `speed_kmh` is its
 * highest steady speed in a zone whose sides are known; `rested_at` is when it came to the place where it stands
 * now, null while it moves and at the end. `kind` is `offline` for a camera that was not reached, and
 * `tampering` for one that was covered, turned or put out of focus: those have neither box nor picture, and
 * their score is 0.
 */
export interface Event {
  id: string;
  visit_id: string;
  batch_id: string;
  camera_id: string;
  track_id: number;
  continues: string | null;
  state: "ended" | "interrupted" | "open";
  kind: "object" | "offline" | "tampering";
  label: string;
  started_at: Time;
  last_seen_at: Time;
  ended_at: Time | null;
  score: number;
  box: [number, number, number, number] | null;
  zones: string[];
  passages: Passage[];
  speed_kmh: number | null;
  rested_at: Time | null;
  risk_score: number;
  severity: "critical" | "high" | "low" | "medium";
  risk_factors: RiskFactor[];
  summary: string;
  picture: string | null;
  second_look: SecondLook | null;
  reviewed: boolean;
  note: string;
}

/**
 * What a person may change of an event.
 */
export interface EventChange {
  reviewed?: boolean;
  note?: string;
}

/**
 * Which events to mark as reviewed, or as not: the filters are those of the list of events. `until` is the
 * moment at which somebody saw the list: what began then or later stays as it is.
 */
export interface EventReview {
  reviewed: boolean;
  camera: string[];
  label: string[];
  severity: "critical" | "high" | "low" | "medium" | null;
  state: ("ended" | "interrupted" | "open")[];
  zone: string[];
  batch: string | null;
  from: string | null;
  to: string | null;
  until: string | null;
}

/**
 * Why there is an event, how its risk adds up, which rules alerted for it, and which nearly did.
 */
export interface EventWhy {
  event_id: string;
  steps: TraceStep[];
  risk_score: number;
  risk_factors: RiskFactor[];
  alerts: AlertWhy[];
  not_alerted: Candidate[];
}

/**
 * One MP4 file of footage; `size` in bytes is an estimate until it is done. `progress` goes from 0 to 1,
 * `reason` says why it failed, `gaps` are the times of the range that the file does not show, and `file` is
 * where it can be fetched once it is done.
 */
export interface Export {
  id: string;
  camera_id: string;
  event_id: string | null;
  from: Time;
  to: Time;
  exact: boolean;
  state: "cancelled" | "done" | "failed" | "running" | "waiting";
  reason: string;
  progress: number;
  size: number | null;
  gaps: FootageGap[];
  created_at: Time;
  file: string | null;
}

/**
 * What there is of a camera's time; the intervals follow each other and add up to the range.
 */
export interface Footage {
  camera_id: string;
  from: Time;
  to: Time;
  recorded_s: number;
  deliberate_s: number;
  missing_s: number;
  unknown_s: number;
  items: FootageInterval[];
}

/**
 * Bytes of footage by what they are kept for; `new` is what is too new to be told.
 */
export interface FootageBytes {
  continuous: number;
  motion: number;
  low: number;
  medium: number;
  high: number;
  critical: number;
  new: number;
}

/**
 * A time that no footage shows; without `cause` nobody has accounted for it.
 */
export interface FootageGap {
  from: Time;
  to: Time;
  cause: "camera_down" | "disk_full" | "disk_slow" | "disk_unavailable" | "expired" | "idle" | "lost" | "not_recordable" | "off" | "service_down" | null;
}

/**
 * A part of a camera's time that is alike. It is recorded and kept as `class` says, or a gap with its `cause`
 * (`deliberate` where the owner's settings wanted it so), or unknown: before the camera's first moment, or not
 * accounted for yet.
 */
export interface FootageInterval {
  from: Time;
  to: Time;
  state: "gap" | "recorded" | "unknown";
  class: "continuous" | "critical" | "high" | "low" | "medium" | "motion" | null;
  has_motion: boolean;
  protected: boolean;
  cause: "camera_down" | "disk_full" | "disk_slow" | "disk_unavailable" | "expired" | "idle" | "lost" | "not_recordable" | "off" | "service_down" | null;
  deliberate: boolean;
}

/**
 * What to protect from being deleted for its age or for room, or to let go of again. That is every segment of a
 * minute or so that overlaps the time from `from` until before `to`.
 */
export interface FootageProtection {
  from: string;
  to: string;
  protected: boolean;
}

/**
 * Where the foot of a box was: `x` and `y` from 0 to 1 of the picture's width and height.
 */
export interface Footpoint {
  at: Time;
  track_id: number | null;
  label: string;
  x: number;
  y: number;
}

/**
 * Where objects stood at a camera, in order of time: at most 2000 points, evenly spread.
 */
export interface Footpoints {
  points: Footpoint[];
}

/**
 * A process that uses a GPU. Attributes: name: one of ours by what it does, another by its program; absent where
 * the system does not say. memory_bytes: of the GPU's memory; absent where the driver does not say.
 */
export interface GpuProcess {
  pid: number;
  name?: string | null;
  memory_bytes?: number | null;
}

/**
 * The data of a `gpu_stats` message.
 */
export interface GpuReport {
  gpus: GpuStats[];
}

/**
 * One GPU at one instant; a figure that the device does not report is absent from the JSON. Attributes: index: 0
 * for the first GPU. utilization_percent: the part of the time in which it computed, 0 to 100.
 * memory_used_bytes: of its own memory; a Jetson shares the system's and has none. power_rail: where the power
 * is measured, if that is not the GPU alone. clock_hz: of its cores. throttle: why it runs slower than it could,
 * being idle left out; empty where nothing holds it back. processes: the largest ones first; empty where nobody
 * uses it. xids: errors that the driver told of; those that mean little are left out after some minutes. lost:
 * why it does not answer any more; everything else is what was known of it.
 */
export interface GpuStats {
  index: number;
  name: string;
  utilization_percent?: number | null;
  memory_used_bytes?: number | null;
  memory_total_bytes?: number | null;
  temperature_c?: number | null;
  power_w?: number | null;
  power_limit_w?: number | null;
  power_rail?: string | null;
  fan_percent?: number | null;
  encoder_percent?: number | null;
  decoder_percent?: number | null;
  clock_hz?: number | null;
  memory_clock_hz?: number | null;
  throttle?: string[] | null;
  processes?: GpuProcess[] | null;
  xids?: GpuXid[] | null;
  lost?: string | null;
  driver?: string | null;
}

/**
 * An error that a GPU's driver told of in the last minutes, by its number. Attributes: at: when it came last.
 * count: how often it came. says: what the number means, in words.
 */
export interface GpuXid {
  code: number;
  at: string;
  count: number;
  says: string;
}

/**
 * How many alerts are as they were wanted now.
 */
export interface HandledAlerts {
  count: number;
}

/**
 * The data of a `health` message: the worst level, and every part sorted by name.
 */
export interface HealthReport {
  level: string;
  parts: PartReport[];
}

/**
 * How the box was doing: one sample a minute, put together in parts of `bucket_s`.
 */
export interface History {
  from: Time;
  to: Time;
  bucket_s: number;
  series: HistorySeries[];
}

/**
 * A figure in the part of the time that begins at `at`.
 */
export interface HistoryPoint {
  at: Time;
  min: number;
  mean: number;
  max: number;
}

/**
 * One figure over time; where nothing was known there is no point.
 */
export interface HistorySeries {
  figure: "cameras_online" | "commit_p99_ms" | "cpu_percent" | "detections_per_s" | "disk_free_bytes" | "footage_bytes" | "frames_dropped" | "gpu_memory_percent" | "gpu_percent" | "gpu_temperature_c" | "memory_percent";
  points: HistoryPoint[];
}

/**
 * The machine at one moment; what could not be read is null. Attributes: cpu_percent: the share of all cores'
 * time that was used over the last seconds, 0 to 100. core_percents: likewise of each core. load: processes that
 * ran or waited, on average of the last 1, 5 and 15 minutes. memory_available_bytes: what programs could still
 * get without swapping. uptime_s: since the machine's start. clock_synchronised: the kernel was told that the
 * clock is kept right; false: it was told the contrary.
 */
export interface HostStats {
  cpu_percent: number | null;
  core_percents: (number | null)[];
  load: number[] | null;
  memory_total_bytes: number | null;
  memory_available_bytes: number | null;
  swap_total_bytes: number | null;
  swap_used_bytes: number | null;
  processes: ProcessStats[];
  temperatures: Temperature[];
  uptime_s: number | null;
  clock_synchronised: boolean | null;
}

/**
 * Some hours of some weekdays, by the box's local time. Where `to` is not after `from` they end on the next day.
 */
export interface Hours {
  days: ("fri" | "mon" | "sat" | "sun" | "thu" | "tue" | "wed")[];
  from: string;
  to: string;
}

/**
 * On what part of the days a label came at each hour, 0 to 1: 24 numbers of workdays, 24 of weekends.
 */
export interface LabelBaseline {
  label: string;
  workdays: number[];
  weekends: number[];
}

/**
 * What became of the newest alert for a target.
 */
export interface LastDelivery {
  state: "delivered" | "expired" | "refused" | "waiting";
  at: Time;
  attempts: number;
  reason: string;
}

/**
 * A line that the foot points of objects cross: forward is from its left to its right, from a to b.
 */
export interface Line {
  id: string;
  name: string;
  a: [number, number];
  b: [number, number];
  labels: string[] | null;
  min_score: number;
  counts: "backward" | "both" | "forward";
}

/**
 * One end of the log of messages.
 */
export interface LogEnd {
  cursor: number;
  at: Time;
}

/**
 * A token that has just been made; `secret` is what the program shows, and is not told again.
 */
export interface MadeToken {
  id: string;
  user_id: string;
  name: string;
  scope: "admin" | "metrics" | "operate" | "read";
  cameras: string[] | null;
  created_at: Time;
  seen_at: Time | null;
  expires_at: Time | null;
  secret: string;
}

/**
 * A polygon in which no motion, or no object, is looked for; `labels` are those that it hides.
 */
export interface Mask {
  id: string;
  name: string;
  points: [number, number][];
  kind: "motion" | "objects";
  labels: string[] | null;
}

/**
 * A model that finds objects: it is on the shelf (`is_here`), or can be pulled from its makers. `source` and
 * `licence` are empty where nobody knows them; `progress` goes from 0 to 1 while it is pulled, and is null at
 * all other times; `problem` says why the last pull did not work. `engine` says how the TensorRT engine was
 * built that is here; `export_ratio` goes from 0 to 1 while one is built, and `export_problem` says why the last
 * one could not be.
 */
export interface Model {
  name: string;
  source: string;
  licence: string;
  size_bytes: number;
  is_here: boolean;
  is_at_work: boolean;
  can_be_pulled: boolean;
  progress: number | null;
  problem: string;
  back_end: string;
  back_ends: ModelBackEnd[];
  engine: string;
  can_be_exported: boolean;
  export_ratio: number | null;
  export_note: string;
  export_problem: string;
}

/**
 * What could run a model, as it was measured on this box. `picture_ms` is for one picture at the best size of
 * batch, and null where it cannot be used: `problem` says why.
 */
export interface ModelBackEnd {
  name: string;
  picture_ms: number | null;
  problem: string;
  is_fastest: boolean;
}

/**
 * All models; `wanted` is the setting `[detector] model`, `may_fetch` is `[detector] fetch`.
 */
export interface Models {
  items: Model[];
  wanted: string;
  may_fetch: boolean;
}

/**
 * A camera to add; without `id` one is made from the name.
 */
export interface NewCamera {
  name: string;
  address: string;
  id?: string | null;
  enabled?: boolean;
  loop?: boolean;
  detect_fps?: number;
  labels?: string[] | null;
  decode?: "always" | "auto" | "keyframes";
  recording?: RecordingChange;
  scene?: SceneChange;
  live_address?: string | null;
}

/**
 * How an engine is to be built: pictures at once, side of its input (0: the model's own), precision.
 */
export interface NewEngine {
  batch?: number;
  size_px?: number;
  precision?: "fp16" | "fp32";
}

/**
 * An export to make: of a camera's time, or of an event's clip. `exact` cuts at exactly these times by an edit
 * list, which most players heed; otherwise the file begins with the keyframe before.
 */
export interface NewExport {
  camera_id?: string | null;
  from?: string | null;
  to?: string | null;
  event_id?: string | null;
  exact?: boolean;
}

/**
 * Who wants to log in.
 */
export interface NewLogin {
  name: string;
  password: string;
}

/**
 * A rule to add.
 */
export interface NewRule {
  name: string;
  enabled?: boolean;
  labels?: string[] | null;
  cameras?: string[] | null;
  min_severity?: "critical" | "high" | "low" | "medium";
  cooldown_s?: number;
  deduplication?: "batch" | "visit";
  zones?: string[] | null;
  lines?: string[] | null;
  min_dwell_s?: number;
  armed?: ("away" | "home" | "night")[] | null;
  hours?: Hours[];
  targets?: string[] | null;
}

/**
 * A target to add. A `webhook` may have a `secret` to sign with. For `ntfy` the address is that of its server;
 * it has a `topic`, and a `token` or `user` and `password` where the server asks for them.
 */
export interface NewTarget {
  name: string;
  kind: "ntfy" | "webhook";
  address: string;
  enabled?: boolean;
  picture?: boolean;
  secret?: string | null;
  topic?: string | null;
  token?: string | null;
  user?: string | null;
  password?: string | null;
}

/**
 * A token to make; it sees no camera that its user does not.
 */
export interface NewToken {
  name: string;
  scope: "admin" | "metrics" | "operate" | "read";
  cameras: string[] | null;
  expires_at: string | null;
}

/**
 * A user to add; an admin sees all cameras.
 */
export interface NewUser {
  name: string;
  password: string;
  role: "admin" | "operator" | "viewer";
  cameras: string[] | null;
}

/**
 * The footage of a storage path that goes first if nothing changes: when it was recorded, and about when. It
 * goes for its `age`, or to make `room`; `is_moved` to another disk rather than deleted. Without `class` it is
 * too new for that to be told.
 */
export interface NextToGo {
  camera_id: string;
  from: Time;
  class: "continuous" | "critical" | "high" | "low" | "medium" | "motion" | null;
  why: "age" | "room";
  at: Time;
  is_moved: boolean;
}

/**
 * Which open alerts to handle: those that were made before `until`, such as what somebody has seen.
 */
export interface OpenAlerts {
  until: string;
}

/**
 * Query of a list that comes in pages.
 */
export interface Paged {
  limit: number;
  page: string | null;
}

/**
 * One part's health; the reason is empty while it is ok.
 */
export interface PartReport {
  part: string;
  level: string;
  reason: string;
}

/**
 * A stay in a zone or a crossing of a line, by an event's object. Of a stay `until` is its last moment there,
 * null while it goes on; of a crossing it is null. Forward is from the line's left to its right, seen from its
 * first point; a stay has no `direction`.
 */
export interface Passage {
  kind: "line" | "zone";
  id: string;
  name: string;
  at: Time;
  until: Time | null;
  direction: "backward" | "forward" | null;
}

/**
 * Another password for who asks; all other sessions end.
 */
export interface PasswordChange {
  current: string;
  new: string;
}

/**
 * What would have been different; of each list the oldest 500. `before` is what is decided with the settings of
 * that time, `after` with the others. `frames` is how many analysed frames were decided on anew, and `sentence`
 * tells the whole.
 */
export interface Preview {
  from: Time;
  to: Time;
  frames: number;
  before: PreviewCount;
  after: PreviewCount;
  gone: PreviewItem[];
  come: PreviewItem[];
  changed: PreviewItem[];
  sentence: string;
}

/**
 * How many there are.
 */
export interface PreviewCount {
  events: number;
  alerts: number;
}

/**
 * An event or an alert that would not have been, would have been besides, or would have been another way. `id`
 * is as it is or would have been named; `at` is when the event began or the alert was made; `reason` says why it
 * is different, as far as that is known.
 */
export interface PreviewItem {
  what: "alert" | "event";
  id: string;
  camera_id: string;
  label: string;
  at: Time;
  summary: string;
  reason: string;
}

/**
 * What would have been different in the last `hours` with other settings. `scene` is for `camera`: of what is
 * drawn there the lists that it names. `rule` is set or added, `remove_rule` taken away, and of `arm` what it
 * names.
 */
export interface PreviewQuestion {
  hours: number;
  camera: string | null;
  scene: SceneChange | null;
  rule: PreviewRule | null;
  remove_rule: string | null;
  arm: ArmChange | null;
}

/**
 * A rule as it would be set; with the `id` of one that there is it stands in its place.
 */
export interface PreviewRule {
  name: string;
  enabled: boolean;
  labels: string[] | null;
  cameras: string[] | null;
  min_severity: "critical" | "high" | "low" | "medium";
  cooldown_s: number;
  deduplication: "batch" | "visit";
  zones: string[] | null;
  lines: string[] | null;
  min_dwell_s: number;
  armed: ("away" | "home" | "night")[] | null;
  hours: Hours[];
  targets: string[] | null;
  id: string | null;
}

/**
 * What went wrong: `expected` and `got` say what would have been right and what came instead.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  field?: string | null;
  expected?: string | null;
  got?: string | null;
}

/**
 * One of our own processes. Attributes: name: what it does, for a person. cpu_percent: over the last seconds;
 * 100 is one whole core. memory_bytes: that it holds in memory, what it shares with others included.
 */
export interface ProcessStats {
  name: string;
  cpu_percent: number | null;
  memory_bytes: number;
  threads: number;
}

/**
 * How many segments are as they were wanted now, and from when until when they reach.
 */
export interface ProtectedFootage {
  segments: number;
  from: Time | null;
  to: Time | null;
}

/**
 * A bounded queue, a number of connections, or a count of what was left out; null is what does not apply.
 * `dropped` counts since the start of the service. `unit` is what is counted: bytes, or a plural noun;
 * `when_full` says what becomes of one more.
 */
export interface QueueReport {
  key: string;
  kind: "connections" | "counter" | "queue";
  name: string;
  unit: string;
  when_full: string;
  length: number | null;
  capacity: number | null;
  dropped: number | null;
  dropped_last_hour: number | null;
}

/**
 * Every bounded queue, what was left out anywhere, and how many connections there are.
 */
export interface Queues {
  items: QueueReport[];
}

/**
 * Whether the service can do its work; `writable` was tried just now. `parts` is empty for who does not hold
 * `system.view`.
 */
export interface Readiness {
  ready: boolean;
  writable: boolean;
  parts: PartReport[];
}

/**
 * When a camera's footage is recorded, and how much of it is kept at most; null is no limit of its own. Without
 * `sound` nothing of what its microphone hears is recorded. The first entry of the schedule that holds decides;
 * where none does, it is `mode`.
 */
export interface Recording {
  mode: "continuous" | "events" | "motion" | "off";
  pre_roll_s: number;
  post_roll_s: number;
  schedule: Schedule[];
  keep_days: number | null;
  most_bytes: number | null;
  sound: boolean;
}

/**
 * What to change of a camera's recording: the members that are named; a schedule is replaced whole.
 */
export interface RecordingChange {
  mode?: "continuous" | "events" | "motion" | "off";
  pre_roll_s?: number;
  post_roll_s?: number;
  schedule?: Schedule[];
  keep_days?: number | null;
  most_bytes?: number | null;
  sound?: boolean;
}

/**
 * How many events have another review mark now than before.
 */
export interface ReviewedEvents {
  count: number;
}

/**
 * One summand of a risk score.
 */
export interface RiskFactor {
  name: string;
  points: number;
  detail: string;
}

/**
 * When to alert; null for labels, cameras, armed or targets (those that are told) means all of them. The object
 * must have been in one of the `zones` (null: anywhere) for `min_dwell_s`, and have crossed one of the `lines`
 * (null: that is not asked). `armed` are the arm states in which it alerts, and `hours` those in which it does;
 * none is always.
 */
export interface Rule {
  id: string;
  name: string;
  enabled: boolean;
  labels: string[] | null;
  cameras: string[] | null;
  min_severity: "critical" | "high" | "low" | "medium";
  cooldown_s: number;
  deduplication: "batch" | "visit";
  zones: string[] | null;
  lines: string[] | null;
  min_dwell_s: number;
  armed: ("away" | "home" | "night")[] | null;
  hours: Hours[];
  targets: string[] | null;
}

/**
 * What to change of a rule.
 */
export interface RuleChange {
  name?: string;
  enabled?: boolean;
  labels?: string[] | null;
  cameras?: string[] | null;
  min_severity?: "critical" | "high" | "low" | "medium";
  cooldown_s?: number;
  deduplication?: "batch" | "visit";
  zones?: string[] | null;
  lines?: string[] | null;
  min_dwell_s?: number;
  armed?: ("away" | "home" | "night")[] | null;
  hours?: Hours[];
  targets?: string[] | null;
}

/**
 * Everything that is drawn on a camera's picture.
 */
export interface Scene {
  zones: Zone[];
  lines: Line[];
  masks: Mask[];
}

/**
 * What to change of what is drawn on a camera's picture: the lists that are named, each as a whole.
 */
export interface SceneChange {
  zones?: Zone[];
  lines?: Line[];
  masks?: Mask[];
}

/**
 * A mode for some hours of some weekdays, by the box's local time. Where `to` is not after `from` it ends on the
 * next day.
 */
export interface Schedule {
  days: ("fri" | "mon" | "sat" | "sun" | "thu" | "tue" | "wed")[];
  from: string;
  to: string;
  mode: "continuous" | "events" | "motion" | "off";
}

/**
 * What a model said of an event that the owner lets look at it; `points` are its part of the risk. `summary` is
 * its own sentence: somebody else's text, to be marked as such, and never markup.
 */
export interface SecondLook {
  model: string;
  verdict: "harmless" | "suspicious" | "unclear";
  summary: string;
  points: number;
  at: Time;
}

/**
 * A login; `is_this` is the one by which was asked, `agent` the browser in its own words.
 */
export interface Session {
  id: string;
  user_id: string;
  name: string;
  created_at: Time;
  seen_at: Time;
  expires_at: Time;
  address: string;
  agent: string;
  is_this: boolean;
}

/**
 * A change of what events or alerts depend on: the fields that changed, as they were and as they became.
 * `subject` is `camera:ID`, `rule:ID` or `arm`. `before` is null for a rule that was added, `after` for one that
 * was deleted. `undoes` is the change that this one undid, `undone_by` the newest one that undid this.
 */
export interface SettingChange {
  id: number;
  at: Time;
  subject: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  undoes: number | null;
  undone_by: number | null;
}

/**
 * Where footage is kept; what lies on `absent` disks cannot be played.
 */
export interface Storage {
  paths: StoragePath[];
  cameras: CameraFootage[];
  absent: AbsentDisk[];
}

/**
 * A storage path of footage; null is what is not known. `state` is that of its disk, with a `reason` in words
 * unless it is ok. `days_left` says how long the room lasts at the pace of the last hour (`bytes_per_s`): that
 * above the reserve, or within the limits in bytes of the path and of all footage, whichever is less; then the
 * oldest goes. `next` is what goes first. Who does not see all cameras is told of their own footage alone, and
 * neither of these two.
 */
export interface StoragePath {
  id: string | null;
  name: string;
  path: string;
  role: "cold" | "hot";
  state: "failing" | "full" | "ok" | "read_only" | "slow" | "unchecked" | "unmounted" | "wrong_disk";
  reason: string;
  capacity_bytes: number | null;
  free_bytes: number | null;
  reserve_bytes: number | null;
  footage_bytes: FootageBytes;
  protected_bytes: number;
  bytes_per_s: number | null;
  days_left: number | null;
  next: NextToGo | null;
}

/**
 * An event as a story: its moments in order of time, and the way of its object, at most 200 points.
 */
export interface Story {
  event_id: string;
  moments: StoryMoment[];
  path: StoryPoint[];
}

/**
 * What an event's object did, from `at` until `until`, which is null for an instant. `text` says it in words,
 * seen from the picture: left is the picture's left.
 */
export interface StoryMoment {
  at: Time;
  until: Time | null;
  kind: "appeared" | "away" | "back" | "cleared" | "crossed" | "cut_off" | "entered" | "left" | "left_zone" | "moved" | "still_there" | "stood_still" | "tampered";
  text: string;
}

/**
 * Where an event's object was; `box` is xyxy from 0 to 1 of width and height.
 */
export interface StoryPoint {
  at: Time;
  box: [number, number, number, number];
}

/**
 * What was measured on a camera's video stream; null is what was not said and not measured yet. `gop_s` is the
 * seconds from one keyframe to the next.
 */
export interface Stream {
  codec: string;
  width: number;
  height: number;
  fps: number | null;
  gop_s: number | null;
  decoding: Decoding | null;
}

/**
 * Everything about the box on one page. `health` and `detector` are null, and there are no `gpus`, for who does
 * not hold `system.view`.
 */
export interface System {
  version: Version;
  health: HealthReport | null;
  detector: DetectorStatus | null;
  gpus: GpuStats[];
}

/**
 * How many rows a table has; `is_estimate` where they were not counted.
 */
export interface TableRows {
  table: string;
  rows: number;
  is_estimate: boolean;
}

/**
 * Where alerts are sent to. Of its `address` only the beginning is shown, and of its secrets whether there are
 * any. `waiting` alerts are still to be delivered; `last` is null before the first.
 */
export interface Target {
  id: string;
  name: string;
  kind: "ntfy" | "webhook";
  enabled: boolean;
  address: string;
  has_secret: boolean;
  picture: boolean;
  created_at: Time;
  waiting: number;
  last: LastDelivery | null;
}

/**
 * What to change of a target; null takes a secret away. Credentials for an ntfy server are forgotten when the
 * address names another one.
 */
export interface TargetChange {
  name?: string;
  enabled?: boolean;
  picture?: boolean;
  address?: string;
  secret?: string | null;
  topic?: string;
  token?: string | null;
  user?: string | null;
  password?: string | null;
}

/**
 * What came of a test: `kind` tells the troubles apart, `message` says it with the next step. `status` is that
 * of the answer, null where none came.
 */
export interface TargetTrialResult {
  ok: boolean;
  message: string;
  kind: "dns" | "protocol" | "refused" | "status" | "timeout" | "tls" | "unreachable" | null;
  status: number | null;
}

/**
 * One sensor; `limit_c` is where its device says that it becomes too hot.
 */
export interface Temperature {
  name: string;
  celsius: number;
  limit_c: number | null;
}

/**
 * Query of a list in time; `from` counts, `to` does not.
 */
export interface TimeRange {
  limit: number;
  page: string | null;
  from: string | null;
  to: string | null;
}

/**
 * What there is of the time of some cameras, in equal parts of `bucket_s` seconds.
 */
export interface Timeline {
  from: Time;
  to: Time;
  bucket_s: number;
  cameras: CameraTimeline[];
}

/**
 * One of the equal parts of a timeline: `recorded`, `motion` and `missing` are shares of its time. `missing` is
 * what the owner's settings did not want missing; `cause` is that of the longest gap in it, wanted or not.
 * `events` begin in it, `severity` is the highest of theirs.
 */
export interface TimelineBucket {
  at: Time;
  recorded: number;
  motion: number;
  missing: number;
  cause: "camera_down" | "disk_full" | "disk_slow" | "disk_unavailable" | "expired" | "idle" | "lost" | "not_recordable" | "off" | "service_down" | null;
  protected: boolean;
  events: number;
  severity: "critical" | "high" | "low" | "medium" | null;
}

/**
 * A program's key, without its secret: what it may at most, and never what its user may not.
 */
export interface Token {
  id: string;
  user_id: string;
  name: string;
  scope: "admin" | "metrics" | "operate" | "read";
  cameras: string[] | null;
  created_at: Time;
  seen_at: Time | null;
  expires_at: Time | null;
}

/**
 * One question of a decision and its answer: `detail` says the value that decided and its limit.
 */
export interface TraceStep {
  name: string;
  passed: boolean;
  detail: string;
}

/**
 * Somebody who may log in; `cameras` are those that may be seen, null is all there are and will be.
 */
export interface User {
  id: string;
  name: string;
  role: "admin" | "operator" | "viewer";
  cameras: string[] | null;
  enabled: boolean;
  created_at: Time;
  seen_at: Time | null;
}

/**
 * What to change of a user; another password, and to be disabled, ends the sessions.
 */
export interface UserChange {
  name?: string;
  role?: "admin" | "operator" | "viewer";
  cameras?: string[] | null;
  enabled?: boolean;
  password?: string;
}

/**
 * What runs here; `epoch` names the database's history: cursors of another epoch mean nothing.
 */
export interface Version {
  version: string;
  sqlite_version: string;
  epoch: string;
  started_at: Time;
}

/**
 * One box as it is sent: pixels of the frame, one decimal; the score with three.
 */
export interface WireBox {
  box: [number, number, number, number];
  label: string;
  score: number;
  track_id: number | null;
}

/**
 * One analysed frame as it is sent.
 */
export interface WireDetection {
  id: number;
  camera_id: string;
  at: string;
  width: number;
  height: number;
  boxes: WireBox[];
}

/**
 * A polygon on the ground; an object is in it when its foot point is. `points` are x and y from 0 to 1 of the
 * picture's width and height. `labels` null means all. An object is in the zone once it was there for `enter_s`,
 * and has left when it was not for `leave_s`. With `required_for` only what was in this zone, or in another one
 * so marked, makes events or alerts. `sides_m` are the real lengths of the four sides of a zone of four corners,
 * for speeds.
 */
export interface Zone {
  id: string;
  name: string;
  points: [number, number][];
  labels: string[] | null;
  min_area_ratio: number;
  max_area_ratio: number;
  min_score: number;
  enter_s: number;
  leave_s: number;
  required_for: "alerts" | "events" | "none";
  sides_m: [number, number, number, number] | null;
}

/** What is told of an event that is gone. */
export type DeletedEvent = Pick<Event, "id" | "camera_id" | "label" | "severity">;

/** What is told of a camera that is gone. */
export type DeletedCamera = Pick<Camera, "id">;

/** What each type of message carries. */
export interface MessageData {
  event_created: Event;
  event_updated: Event;
  event_deleted: DeletedEvent;
  batch_created: Batch;
  batch_updated: Batch;
  batch_completed: Batch;
  detection_created: WireDetection;
  alert_created: Alert;
  alert_acknowledged: Alert;
  alert_dismissed: Alert;
  camera_status: Camera;
  camera_created: Camera;
  camera_updated: Camera;
  camera_deleted: DeletedCamera;
  camera_stats: CameraStatsReport;
  gpu_stats: GpuReport;
  health: HealthReport;
}
