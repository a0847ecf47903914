export { type AfterOptions, type Cancel, type Clock, systemClock } from "./clock.ts";
export { formatDuration, parseDurationNs } from "./duration.ts";
export { type ErrorCode, type ErrorInfo, LensError, type LensErrorOptions, toErrorInfo } from "./errors.ts";
export { createLatenessProbe, type EventLoop, type LatenessProbe, threadLatenessProbe } from "./instrument.ts";
export { type ChunkContent, type MeasuredStream, type MeasureStreamOptions, measureStream, type StreamTiming } from "./measure-stream.ts";
export { nearest } from "./nearest.ts";
export { parseRecord } from "./parse-record.ts";
export { createRandom, type Random } from "./random.ts";
export {
  ARRIVAL_KINDS,
  type ArrivalKind,
  type Arrivals,
  type Attempt,
  type Outcome,
  OUTCOME_KINDS,
  type OutcomeKind,
  type ReasoningForm,
  type ReplyInfo,
  type RequestPhase,
  type RequestRecord,
  type ServerTimings,
  type Target,
  type TokenUsage,
  type UsageSource,
  type WorkloadMark,
} from "./record.ts";
export { type Arrival, type ConnectionPhases, createRecorder, type Recorder, type RecorderOptions } from "./recorder.ts";
export { type Checkpoint, createStopwatch, measure, measureAsync, type Measured, type Stopwatch, type Timing } from "./stopwatch.ts";
