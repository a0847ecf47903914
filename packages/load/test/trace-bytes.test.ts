import { join } from "node:path";
import type { RequestRecord } from "@lens/core";
import { startSimulator } from "@lens/sim";
import type { TraceFormatName, WorkloadSpec } from "@lens/workloads";
import { describe, expect, it } from "vitest";
import { type LoadPlan, runLoad } from "../src/index.ts";

const sample = (name: string): string => join(import.meta.dirname, "../../../examples/workloads", name);

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly max_completion_tokens?: number;
}

/** Sends a workload to a simulator: the bodies that it received, in the order in which it did, and the records. */
async function send(workload: WorkloadSpec, plan: LoadPlan) {
  const bodies: string[] = [];
  const simulator = await startSimulator({ scenario: { ttftMs: 1, gapMs: 0, outputTokens: 4 }, onBody: (body) => void bodies.push(body) });
  const records: RequestRecord[] = [];
  try {
    const target = { adapter: "openai", model: "m", baseUrl: simulator.baseUrls.openai, apiKey: "k" };
    await runLoad({ plan, job: { target, workload }, workers: 0, onRecord: (record) => void records.push(record) });
  } finally {
    await simulator.close();
  }
  return { bodies, asked: bodies.map((body) => JSON.parse(body) as Body), records: records.toSorted((a, b) => a.id.localeCompare(b.id)) };
}

const NOTHING: Body = { messages: [] };
const OTHERWISE = { messages: [{ role: "user", content: "What else?" }] } as const;

const replay = (name: string, format: TraceFormatName, seed = 1) =>
  send(
    { kind: "trace", otherwise: OTHERWISE },
    { load: { mode: "open", arrivals: { process: "trace", trace: { path: sample(name), format } } }, seed },
  );

const textOf = ({ messages }: Body): string => messages[0]?.content ?? "";
const wordsOf = (body: Body): readonly string[] => textOf(body).split(" ");

/** The bodies with these limits on their answers, in this order: which of two connections the simulator reads first is its own affair. */
const byLimits = (asked: readonly Body[], limits: readonly (number | undefined)[]): readonly Body[] =>
  limits.map((limit) => asked.find((body) => body.max_completion_tokens === limit) ?? NOTHING);

describe("what a simulator receives of a trace", () => {
  it("Mooncake: prompts of the lengths, of blocks that are the same wherever their id is, and the limits", async () => {
    const { asked, bodies, records } = await replay("mooncake.jsonl", "mooncake");
    const [first = [], second = [], third = [], fourth = []] = byLimits(asked, [12, 5, 3, 8]).map(wordsOf);
    expect([first, second, third, fourth].map((words) => words.length)).toEqual([1100, 700, 40, 1200]);
    expect(asked).toHaveLength(4);
    expect(second).toEqual(first.slice(0, 700));
    expect(fourth.slice(0, 1024)).toEqual(first.slice(0, 1024));
    expect(fourth.slice(1024, 1040)).not.toEqual(first.slice(1024, 1040));
    expect(third).not.toEqual(first.slice(0, 40));
    expect(
      records.map(({ workload }) => [workload?.entry, workload?.askedInputTokens, workload?.sentInputTokens, workload?.askedOutputTokens]),
    ).toEqual([
      [0, 1100, 1100, 12],
      [1, 700, 700, 5],
      [2, 40, 40, 3],
      [3, 1200, 1200, 8],
    ]);
    expect((await replay("mooncake.jsonl", "mooncake")).bodies.toSorted()).toEqual(bodies.toSorted());
    expect((await replay("mooncake.jsonl", "mooncake", 2)).bodies).not.toEqual(bodies);
  });

  it.each([
    ["burstgpt.csv", "burstgpt", [72, 41, 120], [18, 27, 9]],
    ["azure.csv", "azure", [74, 39, 88], [14, 10, 6]],
  ] as const)("%s: prompts of the lengths, no two of which begin alike, and the limits", async (name, format, input, output) => {
    const { asked, records } = await replay(name, format);
    expect(asked).toHaveLength(output.length);
    expect(records.map(({ workload }) => workload?.sentInputTokens)).toEqual(input);
    // A mark of 16 digits counts for six tokens.
    expect(byLimits(asked, output).map((body) => wordsOf(body).length - 1)).toEqual(input.map((tokens) => tokens - 6));
    expect(new Set(asked.map((body) => textOf(body).slice(0, 16))).size).toBe(input.length);
  });

  it("records: prompts of the lengths that were reported, and another prompt where none were", async () => {
    const { asked, records } = await replay("records.jsonl", "records");
    expect(asked).toHaveLength(4);
    expect(byLimits(asked, [9, 4, 7]).map((body) => wordsOf(body).length - 1)).toEqual([51 - 6, 33 - 6, 64 - 6]);
    expect(byLimits(asked, [undefined])[0]?.messages).toEqual(OTHERWISE.messages);
    expect(records.map(({ phase }) => phase)).toEqual(["warmup", "measured", "measured", "measured"]);
  });
});

describe("what a simulator receives of conversations", () => {
  const closed = (requests: number): LoadPlan => ({ load: { mode: "closed", concurrency: 1 }, requests, warmup: null });
  const charsOf = ({ arrivals }: RequestRecord): number => arrivals.chars.reduce((sum, chars) => sum + chars, 0);

  it("of a file: each turn with the system prompt, what the user said, and the answers as they came", async () => {
    const from = { kind: "file", path: sample("conversations.jsonl"), format: "jsonl" } as const;
    const { asked, records } = await send({ kind: "conversations", from }, closed(5));
    const roles = asked.map(({ messages }) => messages.map(({ role }) => role.slice(0, 1)).join(""));
    expect(roles).toEqual(["u", "uau", "su", "suau", "suauau"]);
    const said = asked.map(({ messages }) => messages.filter(({ role }) => role !== "assistant").map(({ content }) => content));
    expect(said[1]).toEqual(["What is a prism?", "Why does it spread it?"]);
    expect(said[4]).toEqual(["Answer in one sentence.", "Name a planet.", "How far is it?", "And how large?"]);
    const answers = asked.map(({ messages }) => messages.filter(({ role }) => role === "assistant").map(({ content }) => content.length));
    expect(answers).toEqual([
      [],
      [charsOf(records[0] as RequestRecord)],
      [],
      [charsOf(records[2] as RequestRecord)],
      records.slice(2, 4).map(charsOf),
    ]);
    expect(records.map(({ workload }) => `${workload?.conversation}.${workload?.turn} line ${workload?.entry}`)).toEqual([
      "c000000.0 line 1",
      "c000000.1 line 1",
      "c000001.0 line 2",
      "c000001.1 line 2",
      "c000001.2 line 2",
    ]);
  });

  it("that are made of words: at the lengths that were asked for, each opened by a mark of its own", async () => {
    const tokens = (count: number) => ({ distribution: "fixed", tokens: count }) as const;
    const from = { kind: "synthetic", turns: tokens(3), inputTokens: tokens(20), outputTokens: tokens(4) } as const;
    const { asked, bodies } = await send({ kind: "conversations", from, defaults: { system: "Be brief." } }, closed(6));
    expect(asked.map(({ messages }) => messages.length)).toEqual([2, 4, 6, 2, 4, 6]);
    expect(asked.map((body) => body.max_completion_tokens)).toEqual([4, 4, 4, 4, 4, 4]);
    const last = asked[2]?.messages ?? [];
    expect(asked[1]?.messages).toEqual(last.slice(0, 4));
    expect(last.filter(({ role }) => role === "user").map(({ content }) => content.split(" ").length)).toEqual([20, 20, 20]);
    const marks = asked.map((body) => textOf(body).slice(0, 16));
    expect(new Set(marks).size).toBe(2);
    expect(marks[0]).toMatch(/^\d{16}$/);
    expect((await send({ kind: "conversations", from, defaults: { system: "Be brief." } }, closed(6))).bodies).toEqual(bodies);
  });
});
