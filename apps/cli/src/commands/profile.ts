import { LensError, type RequestRecord } from "@lens/core";
import { renderThresholds } from "@lens/exporters";
import { isAnswered, type PriceBook, type Report, summarize, type ThresholdOutcome } from "@lens/metrics";
import { type Delta, runRequest } from "@lens/providers";
import { chooseTargets, SIMULATOR_NOTICE } from "../choose-targets.ts";
import { resolveConfiguration, type ResolvedSettings } from "../config.ts";
import { DEFAULT_MAX_ERROR_RATES } from "../defaults.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { exitCodeOfThresholds, planGates, thresholdLines } from "../gates.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { Io, Output } from "../io.ts";
import { createManifest, TOOL } from "../manifest.ts";
import type { Flags } from "../option.ts";
import {
  isForPeople,
  type OutputPlan,
  type PlannedOutput,
  type PlannedRecords,
  planOutputs,
  renderOptions,
  REPORTS,
  writeOutputs,
} from "../outputs.ts";
import { openPriceBook } from "../price-book.ts";
import { manyLines } from "../printable.ts";
import { renderProfile } from "../profile-view.ts";
import { openRecordLog } from "../record-log.ts";
import { openSession, type Session } from "../session.ts";
import { createFailureTally } from "../verdict.ts";
import { notesOnUnasked } from "../unasked.ts";
import { type PlannedWorkload, planWorkload } from "../workload.ts";

/** Sends one request and shows all that is known of it. */
export async function runProfile(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = await resolveConfiguration(flags, positionals, io);
  const { settings } = configuration;
  const { requests, byDefault } = chooseTargets(settings, "profile", io);
  const [request] = requests;
  if (request === undefined || requests.length > 1)
    throw new LensError("INVALID_ARGUMENT", `Expected one target to profile, got ${requests.length}.`);
  if (byDefault && !settings.quiet) await io.stderr.write(`${SIMULATOR_NOTICE}\n`);
  const names = { startedAtMs: io.clock.epochMs(), targets: [request.label] };
  const plan = await planOutputs(configuration, { kind: REPORTS, hasRecords: true, names }, io);
  const stream = streamDestination(flags, plan, io);
  const workload = await planWorkload(settings, io);
  const priceBook = await openPriceBook([request], settings, io);
  const gates = await planGates(settings, requests, { io, summary: { priceBook }, saved: false });
  const interrupts = watchInterrupts(io);
  const session = await openSession([request], settings, io);
  try {
    const record = await send(session, workload, stream, interrupts.signal, io);
    await writeRecord(plan.records, record, { priceBook, io });
    const notes = [...workload.notes, ...notesOnUnasked(session.targets, settings.maxTokens)];
    if (!settings.quiet) for (const note of notes) await io.stderr.write(`lens: ${note}\n`);
    const report = createReport(record, { settings, workload, priceBook, notes, interrupted: interrupts.signal.aborted }, io);
    const thresholds = gates.judge(report.groups, [request.label]);
    const reportWithRecord = { ...report, thresholds, record };
    const render = ({ format, path }: PlannedOutput): string | Promise<string> => {
      const options = renderOptions(configuration, path, io);
      if (format.id !== "console") return format.render(reportWithRecord, { ...options, records: [record] });
      const figures = renderProfile(record, { cost: priceBook.price(record), ...options });
      return thresholds.length === 0 ? figures : `${figures}\n${renderThresholds(reportWithRecord, options)}`;
    };
    // Where nothing came there is nothing for people to look at; the failure is told below.
    const worthALook = record.arrivals.atNs.length > 0 || isAnswered(record);
    const wanted = worthALook ? plan.documents : plan.documents.filter((output) => !isForPeople(output));
    await writeOutputs(wanted, render, stream === io.stdout ? { ...io, stdout: io.stderr } : io);
    if (interrupts.signal.aborted) return EXIT_CODES.interrupted;
    return await conclude(record, settings, thresholds, io);
  } finally {
    interrupts.stop();
    await session.close();
  }
}

/** Where the text of the answer goes as it comes; null for nowhere. Standard output can carry one thing only. */
function streamDestination(flags: Flags, { documents, records }: OutputPlan, io: Io): Output | null {
  const wanted = flags["stream-to"] ?? (flags.stream === true ? "stderr" : null);
  if (wanted === null) return null;
  if (wanted === "stderr") return io.stderr;
  if (wanted !== "stdout")
    throw new LensError("INVALID_ARGUMENT", `Expected \`--stream-to\` to be stderr or stdout, got \`${wanted.toString().slice(0, 60)}\`.`);
  const others = [...documents.filter((output) => !isForPeople(output)), ...records];
  if (others.some(({ path }) => path === null))
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected `--output` for the report with `--stream-to stdout`, got none: the answer takes standard output.",
    );
  return io.stdout;
}

async function send(
  session: Session,
  { first }: PlannedWorkload,
  stream: Output | null,
  signal: AbortSignal,
  io: Io,
): Promise<RequestRecord> {
  const [target] = session.targets;
  if (target === undefined) throw new LensError("INTERNAL", "Expected a target to send to.");
  const { adapter, model, label, credentials } = target;
  const { transport, timeouts, retry } = session;
  const show = (delta: Delta): void => {
    if (delta.type === "text" || delta.type === "refusal") void stream?.write(manyLines(delta.text));
  };
  const record = await runRequest(
    adapter,
    { ...first.prompt, model },
    {
      transport,
      credentials,
      clock: io.clock,
      label,
      signal,
      timeouts,
      retry,
      ...(first.mark === null ? {} : { workload: first.mark }),
      ...(stream === null ? {} : { onDelta: show }),
    },
  );
  if (record.arrivals.atNs.length > 0) await stream?.write("\n");
  return record;
}

interface ReportParts {
  readonly settings: ResolvedSettings;
  readonly workload: PlannedWorkload;
  readonly priceBook: PriceBook;
  readonly notes: readonly string[];
  readonly interrupted: boolean;
}

function createReport(record: RequestRecord, { settings, workload, priceBook, notes, interrupted }: ReportParts, io: Io): Report {
  const { startedAtMs, endNs, target } = record;
  const run = createManifest(
    {
      command: "profile",
      mode: "single",
      startedAtMs,
      durationNs: endNs,
      interrupted,
      seed: workload.isRandom ? workload.seed : null,
      targets: [target.label],
      settings,
      prompt: workload.fingerprint,
    },
    io,
  );
  return summarize([record], { tool: TOOL, run, priceBook, notes });
}

async function writeRecord(
  outputs: readonly PlannedRecords[],
  record: RequestRecord,
  { priceBook, io }: { readonly priceBook: PriceBook; readonly io: Io },
): Promise<void> {
  const log = await openRecordLog(outputs, { priceBook, io, onFailure: () => undefined });
  log.append(record);
  await log.close();
}

async function conclude(
  record: RequestRecord,
  settings: ResolvedSettings,
  thresholds: readonly ThresholdOutcome[],
  io: Io,
): Promise<number> {
  const failures = createFailureTally();
  failures.add(record);
  for (const line of failures.lines()) await io.stderr.write(`lens: ${line}\n`);
  for (const line of thresholdLines(thresholds)) await io.stderr.write(`lens: ${line}\n`);
  const missed = exitCodeOfThresholds(thresholds);
  if (missed !== EXIT_CODES.ok) return missed;
  return failures.worstShare() > (settings.maxErrorRate ?? DEFAULT_MAX_ERROR_RATES.profile) ? EXIT_CODES.requestsFailed : EXIT_CODES.ok;
}
