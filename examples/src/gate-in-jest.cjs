/** A latency gate in jest, in CommonJS: a program's own calls are timed as a whole. `measureStream` would time each token of a stream. */
const { expect, test } = require("@jest/globals");
const { sample } = require("@lens/matchers/jest");
const { withSimulator } = require("@lens/matchers/simulator");

/** The program under test. */
async function ask(baseUrl, question) {
  const body = JSON.stringify({ model: "any", messages: [{ role: "user", content: question }] });
  const response = await fetch(`${baseUrl}/chat/completions`, { method: "POST", body });
  const { choices } = await response.json();
  return choices[0].message.content;
}

test("the answer comes soon", () =>
  withSimulator({ ttftMs: 20, gapMs: 1, outputTokens: 10 }, async (simulator) => {
    const lens = await sample(20, (own) => own.time(() => ask(simulator.baseUrls.openai, "Why is the sky blue?")));

    expect(lens).toHavePercentileBelow("e2e", 95, "2s");
    expect(lens).toMeetSlo({ e2e: "5s" });
  }));
