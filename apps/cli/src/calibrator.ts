import type { RequestRecord } from "@lens/core";
import { runRequest } from "@lens/providers";
import { calibrate, type Calibration, needsCalibration, type WorkloadSpec } from "@lens/workloads";
import type { Io } from "./io.ts";
import type { NamedTarget } from "./measure.ts";
import type { Session } from "./session.ts";
import type { PlannedWorkload } from "./workload.ts";

/** Puts the estimate of lengths right for a target, once, by one request ahead of the others. */
export interface Calibrator {
  /** What to ask of the target. `onRecord` is given the record of the request, where one is sent. */
  workloadFor(target: NamedTarget, idPrefix: string, onRecord: (record: RequestRecord) => void): Promise<WorkloadSpec>;
  /** Takes the record of such a request, which was sent before the run went on, for one of now. */
  recall(target: NamedTarget, idPrefix: string, record: RequestRecord): Promise<void>;
}

const ID = "calibration";

/** Whether a record is of such a request. */
export const isCalibration = ({ id }: RequestRecord): boolean => id.endsWith(ID);

interface CalibratorOptions {
  readonly workload: PlannedWorkload;
  readonly session: Session;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Creates the calibrator of a run. */
export function createCalibrator({ workload: { spec, seed }, session, io, signal }: CalibratorOptions): Calibrator {
  const known = new Map<string, WorkloadSpec>();

  async function send({ target, label }: NamedTarget, idPrefix: string): Promise<Calibration> {
    const { adapter, model, credentials } = target;
    const { transport, timeouts, retry } = session;
    return calibrate(spec, { seed, scope: idPrefix }, ({ prompt, mark }) =>
      runRequest(
        adapter,
        { ...prompt, model },
        {
          transport,
          credentials,
          clock: io.clock,
          label,
          id: `${idPrefix}${ID}`,
          phase: "warmup",
          signal,
          timeouts,
          retry,
          ...(mark === null ? {} : { workload: mark }),
        },
      ),
    );
  }

  return {
    async recall({ target: { label } }, idPrefix, record) {
      const { workload } = await calibrate(spec, { seed, scope: idPrefix }, () => Promise.resolve(record));
      known.set(label, workload);
    },
    async workloadFor(named, idPrefix, onRecord) {
      if (needsCalibration(spec) && !known.has(named.target.label)) {
        const { workload, record } = await send(named, idPrefix);
        known.set(named.target.label, workload);
        onRecord(record);
      }
      return known.get(named.target.label) ?? spec;
    },
  };
}
