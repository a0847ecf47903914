import type { ComparisonSide, RunManifest } from "@lens/metrics";
import { oneLine } from "./printable.ts";

/** Options in which runs may differ and still be compared: who is asked, for how long, and what is done with the figures. */
const MAY_DIFFER: ReadonlySet<string> = new Set([
  "provider",
  "model",
  "baseUrl",
  "apiKeyEnv",
  "label",
  "requests",
  "duration",
  "warmup",
  "drain",
  "seed",
  "maxCost",
  "grace",
  "workers",
  "maxErrorRate",
  "thresholds",
  "abortOnFail",
  "slo",
  "series",
  "baseline",
  "margin",
  "confidence",
  "resamples",
  "interleave",
  // Told apart by their hash.
  "promptChars",
]);

function optionNotes(base: RunManifest, candidate: RunManifest): readonly string[] {
  if (Object.keys(base.options).length === 0 || Object.keys(candidate.options).length === 0)
    return ["With which options one of them was measured is not known, as records do not say."];
  const names = [...new Set([...Object.keys(base.options), ...Object.keys(candidate.options)])];
  const changed = names.filter((name) => !MAY_DIFFER.has(name) && base.options[name] !== candidate.options[name]);
  const shown = ({ options }: RunManifest, name: string): string => oneLine(String(options[name] ?? "none")).slice(0, 40);
  const others = changed
    .filter((name) => name !== "promptSha256")
    .map((name) => `${name} (${shown(base, name)} and ${shown(candidate, name)})`);
  return [
    ...(changed.includes("promptSha256") ? ["The prompts differ: what one of them takes longer for may be its own prompt."] : []),
    ...(others.length === 0 ? [] : [`The runs differ in ${others.join(", ")}.`]),
  ];
}

function surroundings(base: RunManifest, candidate: RunManifest): readonly string[] {
  const notes: string[] = [];
  if (base.mode !== candidate.mode && base.mode !== "unknown" && candidate.mode !== "unknown")
    notes.push(`The runs differ in mode (${base.mode} and ${candidate.mode}): so do their loads.`);
  if (base.machine !== null && candidate.machine !== null && JSON.stringify(base.machine) !== JSON.stringify(candidate.machine))
    notes.push("The runs were measured on different machines.");
  const [from, to] = [base.versions.lens, candidate.versions.lens];
  if (from !== undefined && to !== undefined && from !== to) notes.push(`The runs were measured by different versions, ${from} and ${to}.`);
  return notes;
}

/** What else than their targets differs between two runs, in sentences; nothing for two sides of one run. */
export function runDifferences(base: ComparisonSide, candidate: ComparisonSide): readonly string[] {
  if (base.run === candidate.run) return [];
  return [...optionNotes(base.run, candidate.run), ...surroundings(base.run, candidate.run)];
}

/** What makes a side's own figures doubtful, in sentences. */
export function sideDoubts({ source, run, instrument }: ComparisonSide): readonly string[] {
  const name = source ?? "this run";
  const limited = instrument.state === "client-limited" ? [`Of ${name}: ${instrument.verdict}.`] : [];
  const interrupted = run.interrupted ? [`The run of ${name} was interrupted.`] : [];
  return [...limited, ...interrupted];
}
