export { type CostOptions, type Limit, type PercentileOptions, type SloLimits, type SloOptions } from "./expectations.ts";
export { type Finding } from "./finding.ts";
export { type GateRow, gateRows, renderGateTable } from "./gate-table.ts";
export { createLens, type Lens, type Measurable, sample, type SampleWork, type TimeOptions, withLens } from "./lens.ts";
export { type BaselineOptions } from "./match-baseline.ts";
export { createMatchers, type Judgement, type LensMatchers, type MatcherHost, type MatcherResult, type MatcherState } from "./matchers.ts";
export { type Measured, type Subject } from "./subject.ts";
