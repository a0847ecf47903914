import { describe, expect, it } from "vitest";
import { createTurnstile } from "../src/worker-turnstile.ts";

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("a turnstile", () => {
  it("lets so many through at once, and as many in each turn of the event loop, in the order in which they came", async () => {
    const begin = createTurnstile(2);
    const passed: number[] = [];
    const callers = [0, 1, 2, 3, 4].map(async (caller) => {
      await begin();
      passed.push(caller);
    });
    await Promise.resolve();
    expect(passed).toEqual([0, 1]);
    await turn();
    expect(passed).toEqual([0, 1, 2, 3]);
    await turn();
    expect(passed).toEqual([0, 1, 2, 3, 4]);
    await Promise.all(callers);
  });

  it("lets nobody past those who wait", async () => {
    const begin = createTurnstile(1);
    expect(begin()).toBeUndefined();
    const second = begin();
    await turn();
    expect(begin()).toBeInstanceOf(Promise);
    await second;
  });

  it("makes nobody wait who comes in a later turn", async () => {
    const begin = createTurnstile(1);
    for (let caller = 0; caller < 3; caller += 1) {
      expect(begin()).toBeUndefined();
      await turn();
      await turn();
    }
  });
});
