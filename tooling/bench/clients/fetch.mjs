// @ts-check
/** The global fetch with nothing on top: reads bodies and looks for stamps. */
import { createTally, nowNs, print, readOrder, REQUEST_BODY, runLoop, scanStamps } from "./tally.mjs";

const order = readOrder();
const tally = createTally(order);

await runLoop(order, async (index) => {
  let tokens = 0;
  let firstNs = Number.NaN;
  const startNs = nowNs();
  const response = await fetch(`${order.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: REQUEST_BODY,
  });
  for await (const bytes of response.body ?? []) {
    const atNs = nowNs();
    scanStamps(bytes, (stampNs) => {
      if (tokens === 0) firstNs = atNs;
      tokens += 1;
      tally.token(atNs, stampNs);
    });
  }
  tally.ended({ index, ttftNs: firstNs - startNs, tokens });
});
print(tally.finding());
