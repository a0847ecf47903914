export { type Protocol, PROTOCOLS } from "./dialect.ts";
export type { Draw } from "./draw.ts";
export type { Drift } from "./drift.ts";
export { type Fault, FAULT_MEANINGS, type FaultRule, FAULTS, modelOfFault } from "./faults.ts";
export { DEFAULT_SCENARIO, resolveScenario, type Scenario } from "./scenario.ts";
export { type Simulator, type SimulatorOptions, startSimulator } from "./server.ts";
export { formatTruth, parseTruth, type TruthEntry } from "./truth-log.ts";
