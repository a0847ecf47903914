/** A latency gate in vitest: twenty requests to a simulated provider, and what is expected of them. For a real one, give its key and no `baseUrl`. */
import { type Simulator, simulatorFixture } from "@lens/matchers/simulator";
import { sample } from "@lens/matchers/vitest";
import { createTransport, findAdapter, runRequest } from "@lens/providers";
import { expect, test as base } from "vitest";

const test = base.extend<{ simulator: Simulator }>({ simulator: simulatorFixture({ ttftMs: 20, gapMs: 1, outputTokens: 10 }) });

test("the answer begins soon", async ({ simulator }) => {
  const prompt = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "Why is the sky blue?" }] };
  const credentials = { apiKey: "any", baseUrl: simulator.baseUrls.openai };
  const transport = createTransport();
  const lens = await sample(20, () => runRequest(findAdapter("openai"), prompt, { transport, credentials }));
  transport.close();

  expect(lens).toHavePercentileBelow("ttft", 95, "800ms");
  expect(lens).toMeetSlo({ ttft: "2s", e2e: "5s" });
  expect(lens).toCostLessThan(0.01);
});
