import { LensError } from "@lens/core";
import { expect, test } from "vitest";
import { FAULT_MEANINGS, faultOfModel, FAULTS, modelOfFault } from "../src/faults.ts";
import { DEFAULT_SCENARIO, resolveScenario, type Scenario } from "../src/scenario.ts";

test("a scenario without wishes is the default one", () => {
  expect(resolveScenario()).toEqual(DEFAULT_SCENARIO);
  expect(resolveScenario({ seed: undefined } as unknown as Partial<Scenario>)).toEqual(DEFAULT_SCENARIO);
});

test("a scenario survives JSON", () => {
  const scenario = resolveScenario({ ttftMs: [1, 2], gapMs: { median: 3, sigma: 0.1 }, faults: [{ fault: "cut", share: 0.5 }], slots: 2 });
  expect(resolveScenario(JSON.parse(JSON.stringify(scenario)) as Scenario)).toEqual(scenario);
});

test.each([
  [{ ttftMs: -1 }, "ttftMs"],
  [{ gapMs: Number.NaN }, "gapMs"],
  [{ gapMs: [] }, "gapMs"],
  [{ outputTokens: { median: 5 } }, "outputTokens"],
  [{ reasoningTokens: "5" }, "reasoningTokens"],
  [{ tokensPerChunk: 0 }, "tokensPerChunk"],
  [{ slots: 0 }, "slots"],
  [{ seed: 1.5 }, "seed"],
  [{ drift: { share: 0.5 } }, "drift"],
  [{ drift: { share: -0.5, overMs: 1 } }, "drift"],
  [{ reasoning: "loud" }, "reasoning"],
  [{ toolCalls: 0.5 }, "toolCalls"],
  [{ inputTokens: 1.5 }, "inputTokens"],
  [{ models: "gpt" }, "models"],
  [{ requireKey: "yes" }, "requireKey"],
  [{ faults: [{ fault: "418", every: 1 }] }, "faults"],
  [{ faults: [{ fault: "cut", share: 1.1 }] }, "faults"],
  [{ faults: [{ fault: "cut", every: 0 }] }, "faults"],
  [{ faults: [null] }, "faults"],
  [{ retryAfterMs: -5 }, "retryAfterMs"],
  [{ tftMs: 5 }, "tftMs"],
])("%j is refused, by name", (given, name) => {
  let thrown: unknown;
  try {
    resolveScenario(given as Partial<Scenario>);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(LensError);
  expect(thrown).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining(`\`${name}\` of the scenario`) });
});

test("every fault has a model that asks for it, and a meaning", () => {
  for (const fault of FAULTS) {
    expect(faultOfModel(modelOfFault(fault))).toBe(fault);
    expect(faultOfModel(`openai/${modelOfFault(fault)}`)).toBe(fault);
    expect(FAULT_MEANINGS[fault]).not.toBe("");
  }
  expect(faultOfModel("gpt-6-sol")).toBeNull();
  expect(faultOfModel("sim-fault-nonesuch")).toBe("unknown");
});
