import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RequestRecord } from "@lens/core";
import { createTransport, findAdapter, runRequest } from "@lens/providers";
import { type Simulator, type SimulatorOptions, startSimulator } from "@lens/sim";
import { type Asked, openPromptSource, type PreparedPrompt, type WorkloadSpec } from "../src/index.ts";

/** A file of examples/prompts. */
export const example = (name: string): string => fileURLToPath(new URL(`../../../examples/prompts/${name}`, import.meta.url));

/** A file that is gone when `use` is done. */
export async function withFile<T>(name: string, text: string | Buffer, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "lens-workloads-"));
  try {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ask = (turn: number, more: Partial<Asked> = {}): Asked => ({ index: turn, phase: "measured", target: 0, turn, ...more });

/** The prompts of the first turns. */
export async function promptsOf(
  spec: WorkloadSpec,
  turns: number,
  seed = 1,
  more: Partial<Asked> = {},
): Promise<readonly PreparedPrompt[]> {
  const source = await openPromptSource(spec, { seed });
  try {
    const prompts: PreparedPrompt[] = [];
    for (let turn = 0; turn < turns; turn++) prompts.push(await source.next(ask(turn, more)));
    return prompts;
  } finally {
    await source.close();
  }
}

/** The text of a prompt's messages. */
export const textOf = ({ prompt }: PreparedPrompt): string =>
  prompt.messages.map(({ content }) => (typeof content === "string" ? content : JSON.stringify(content))).join("\n");

/** A simulator that keeps what it was sent, and a way to send it prompts. */
export interface Exchange {
  readonly simulator: Simulator;
  /** The bodies as they came. */
  readonly bodies: readonly string[];
  send(prepared: PreparedPrompt): Promise<RequestRecord>;
  close(): Promise<void>;
}

/** Starts a quick simulator. */
export async function openExchange(options: SimulatorOptions = {}, adapterId = "openai"): Promise<Exchange> {
  const bodies: string[] = [];
  const scenario = { ttftMs: 0, gapMs: 0, outputTokens: 1, ...options.scenario };
  const simulator = await startSimulator({ ...options, scenario, onBody: (body) => bodies.push(body) });
  const transport = createTransport();
  const adapter = findAdapter(adapterId);
  const baseUrl = simulator.baseUrls.openai;
  return {
    simulator,
    bodies,
    send: ({ prompt, mark }) =>
      runRequest(
        adapter,
        { ...prompt, model: "m" },
        { transport, credentials: { apiKey: "k", baseUrl }, ...(mark === null ? {} : { workload: mark }) },
      ),
    async close() {
      transport.close();
      await simulator.close();
    },
  };
}

/** What the simulator received for the first turns of a workload, as JSON, without what every request has. */
export async function received(spec: WorkloadSpec, turns: number): Promise<readonly Record<string, unknown>[]> {
  const exchange = await openExchange();
  try {
    for (const prepared of await promptsOf(spec, turns)) await exchange.send(prepared);
    return exchange.bodies.map((body) => {
      const { model: _model, stream: _stream, stream_options: _options, ...rest } = JSON.parse(body) as Record<string, unknown>;
      return rest;
    });
  } finally {
    await exchange.close();
  }
}
