import { type GateRow, renderGateTable } from "./gate-table.ts";
import { appendStepSummary } from "./step-summary.ts";

/** Where the table at the end of a run goes. */
export interface RunOutputs {
  readonly print: (text: string) => void;
  /** The file of GitHub's step summary; undefined or empty where there is none. */
  readonly stepSummary: string | undefined;
}

/** Shows what was expected in a run, and what became of it. Nothing where nothing was. */
export function concludeRun(rows: readonly GateRow[], { print, stepSummary }: RunOutputs): void {
  if (rows.length === 0) return;
  const table = renderGateTable(rows);
  print(`\n${table}`);
  if (stepSummary !== undefined && stepSummary !== "") appendStepSummary(stepSummary, `### Latency\n\n${table}`);
}
