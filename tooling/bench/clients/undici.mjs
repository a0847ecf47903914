// @ts-check
/** undici's lowest interface, which fetch is built on: callbacks without streams. */
import { Agent } from "undici";
import { createTally, nowNs, print, readOrder, REQUEST_BODY, runLoop, scanStamps } from "./tally.mjs";

const order = readOrder();
const tally = createTally(order);
const { origin, pathname } = new URL(order.url);
const agent = new Agent();
const request = {
  origin,
  path: `${pathname}/chat/completions`,
  method: /** @type {const} */ ("POST"),
  headers: { "content-type": "application/json" },
  body: REQUEST_BODY,
};

/** @param {number} index @returns {Promise<void>} */
const send = (index) =>
  new Promise((resolve, reject) => {
    let tokens = 0;
    let firstNs = Number.NaN;
    const startNs = nowNs();
    agent.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData(_, bytes) {
        const atNs = nowNs();
        scanStamps(bytes, (stampNs) => {
          if (tokens === 0) firstNs = atNs;
          tokens += 1;
          tally.token(atNs, stampNs);
        });
      },
      onResponseEnd() {
        tally.ended({ index, ttftNs: firstNs - startNs, tokens });
        resolve();
      },
      onResponseError: (_, error) => reject(error),
    });
  });

await runLoop(order, send);
print(tally.finding());
