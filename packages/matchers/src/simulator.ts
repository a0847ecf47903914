/**
 * A simulated provider for as long as a test takes.
 * @module
 */
import { type Scenario, type Simulator, startSimulator } from "@lens/sim";
export type { Simulator } from "@lens/sim";

/** Runs a simulated provider for as long as `work` takes, and gives what that gives. */
export async function withSimulator<T>(scenario: Partial<Scenario>, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  const simulator = await startSimulator({ scenario });
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}

/** A fixture for vitest: `test.extend<{ simulator: Simulator }>({ simulator: simulatorFixture({ ttftMs: 50 }) })`. */
export function simulatorFixture(scenario: Partial<Scenario> = {}) {
  // vitest reads from the braces which other fixtures this one needs: none.
  // oxlint-disable-next-line no-empty-pattern
  return async ({}: object, use: (simulator: Simulator) => Promise<void>): Promise<void> => withSimulator(scenario, use);
}
