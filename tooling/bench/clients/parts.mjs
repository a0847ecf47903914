// @ts-check
/** What one step costs, in a loop that does nothing else: nanoseconds each, the median and the least of the batches. Prints one line of JSON. */
import { createLatenessProbe, createRecorder, createStopwatch, systemClock } from "@lens/core";
import { createHistogram } from "@lens/metrics";
import { createFramer, openaiChat } from "@lens/providers";
import { median } from "../table.mjs";
import { nowNs, print } from "./tally.mjs";

const [batches = 100, size = 10_000] = process.argv.slice(2).map(Number);

/** @param {() => (index: number) => void} prepare makes the step anew for each batch */
function costNs(prepare) {
  const costs = Array.from({ length: batches }, () => {
    const step = prepare();
    const startNs = nowNs();
    for (let index = 0; index < size; index += 1) step(index);
    return (nowNs() - startNs) / size;
  });
  return { median: median(costs), least: Math.min(...costs) };
}

/** One token of a chat completion as OpenAI sends it. */
const event = Buffer.from(
  `data: {"id":"chatcmpl-Bx7","object":"chat.completion.chunk","created":1763900000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_07871e2ad8","choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}],"usage":null}\n\n`,
);
const target = { provider: "openai", model: "truth", label: "truth", origin: null };

print({
  checkpointNs: costNs(() => {
    const stopwatch = createStopwatch();
    return () => stopwatch.checkpoint("step");
  }),
  eventNs: costNs(() => {
    const decode = openaiChat.createDecoder();
    const framer = createFramer("sse", (found) => void decode(found));
    return () => framer.feed(event);
  }),
  arrivalNs: costNs(() => {
    const recorder = createRecorder({ clock: systemClock, target });
    const probe = createLatenessProbe();
    return () => {
      const atNs = systemClock.nowNs();
      recorder.read(atNs, probe.boundNs(atNs));
      recorder.arrival(atNs, { kind: "text", events: 1, chars: 6 });
    };
  }),
  histogramNs: costNs(() => {
    const histogram = createHistogram();
    return (index) => histogram.record(20_000_000 + ((index * 7919) % 1_000_003));
  }),
  clockNs: costNs(() => () => void systemClock.nowNs()),
});
