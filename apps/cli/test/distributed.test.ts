import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OpenPlan, planRequests, resolvePlan } from "@lens/load";
import type { Report } from "@lens/metrics";
import { type Simulator, startSimulator } from "@lens/sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readStartAt } from "../src/start-at.ts";
import { createFakeIo, lens } from "./fake-io.ts";

const page = readFileSync(new URL("../../../docs/DISTRIBUTED.md", import.meta.url), "utf8");
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map((match) => match[1] ?? "");

interface Job {
  readonly spec: {
    readonly completionMode: string;
    readonly completions: number;
    readonly parallelism: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [
          {
            readonly command: readonly string[];
            readonly args: readonly string[];
            readonly env: readonly { name: string; value: string }[];
          },
        ];
      };
    };
  };
}

interface Workflow {
  readonly jobs: Readonly<
    Record<
      "start" | "shard" | "merge",
      { readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } }; readonly steps: readonly { run?: string }[] }
    >
  >;
}

const [jobText = "", workflowText = ""] = blocks("yaml");
const job = parse(jobText) as Job;
const workflow = parse(workflowText) as Workflow;

const commandOf = (name: keyof Workflow["jobs"]): string =>
  workflow.jobs[name].steps.flatMap(({ run }) => run ?? []).find((run) => run.startsWith("npx --yes llm-latency-lens ")) ?? "";

describe("the page on distributed runs", () => {
  let simulator: Simulator;

  beforeAll(async () => {
    simulator = await startSimulator({
      scenario: { ttftMs: 2, gapMs: 0, outputTokens: 3, slots: 1000, models: ["my-model", "gpt-6-luna"] },
    });
  });

  afterAll(() => simulator.close());

  /** A command as it stands on the page, but sent to a simulator, soon, and over in a moment. */
  const tamed = (words: readonly string[]): readonly string[] => {
    const local = words.map((word, index, all) => {
      if (all[index - 1] === "--base-url") return simulator.baseUrls.openai ?? "";
      if (all[index - 1] === "--duration") return "300ms";
      if (all[index - 1] === "--start-at") return "+200ms";
      return word.replace(/^--base-url=.*/, `--base-url=${simulator.baseUrls.openai}`).replace(/^--duration=.*/, "--duration=300ms");
    });
    return local.some((word) => word.startsWith("--base-url")) || local[0] !== "benchmark"
      ? local
      : [...local, "--base-url", simulator.baseUrls.openai ?? ""];
  };

  const wordsOf = (line: string): readonly string[] => line.trim().split(/\s+/);

  /** Files as a shell would name them. */
  const withFiles = (words: readonly string[], files: readonly string[]): readonly string[] =>
    words.flatMap((word) => (word === "shard-*.json" ? files : [word]));

  /** What a command of the page wrote to the file that it ends with. */
  const reportOf = (command: string, cwd: string): Report =>
    JSON.parse(readFileSync(join(cwd, wordsOf(command).at(-1) ?? ""), "utf8")) as Report;

  test("shows two machines that share a run", async () => {
    const { cwd } = await createFakeIo();
    const [first = "", second = "", merge = ""] = (blocks("sh")[0] ?? "").split("\n");
    const shards = await Promise.all([first, second].map((line) => lens(tamed(wordsOf(line).slice(1)), { cwd })));
    expect(shards.map(({ code }) => code)).toEqual([0, 0]);
    expect((await lens(wordsOf(merge).slice(1), { cwd })).code).toBe(0);
    const { run, groups } = reportOf(merge, cwd);
    expect(run.shards).toEqual({ of: 2, numbers: [1, 2] });
    expect(groups[0]).toMatchObject({ requests: 30, outcomes: { ok: 30 } });
  });

  test("shows a Job of Kubernetes whose pods send one schedule, and whose logs merge", async () => {
    const [{ command, args, env }] = job.spec.template.spec.containers;
    const { completionMode, completions, parallelism } = job.spec;
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    expect([completionMode, String(completions), String(parallelism)]).toEqual(["Indexed", variables.LENS_SHARDS, variables.LENS_SHARDS]);
    expect(command).toEqual(["npx", "--yes", "llm-latency-lens"]);
    expect(variables.LENS_START_AT).toBe("START_AT");

    const { cwd } = await createFakeIo();
    const pods = await Promise.all(
      Array.from({ length: completions }, (_, index) =>
        lens(tamed(args), { cwd, env: { ...variables, LENS_START_AT: "+300ms", JOB_COMPLETION_INDEX: String(index) } }),
      ),
    );
    expect(pods.map(({ code, err }) => [code, err])).toEqual(pods.map(() => [0, ""]));
    const files = pods.map((_, index) => `shard-${index}.json`);
    // What `grep '^{'` keeps of a log.
    for (const [index, { out }] of pods.entries())
      await writeFile(
        join(cwd, files[index] ?? ""),
        out
          .split("\n")
          .filter((line) => line.startsWith("{"))
          .join("\n"),
      );
    const merge = (blocks("sh")[1] ?? "").split("\n").find((line) => line.startsWith("lens merge")) ?? "";
    expect((await lens(withFiles(wordsOf(merge).slice(1), files), { cwd })).code).toBe(0);
    const { run, groups } = reportOf(merge, cwd);
    expect(run.shards).toEqual({ of: 8, numbers: [1, 2, 3, 4, 5, 6, 7, 8] });
    const [group] = groups;
    expect(group?.requests).toBe(group?.load?.schedule?.sent);
    // The whole schedule, as a run in one piece would have sent it.
    const plan = resolvePlan({ load: { mode: "open", arrivals: { process: "poisson", ratePerSecond: 400 } }, durationNs: 300e6, seed: 1 });
    expect(group?.requests).toBe([...planRequests(plan as OpenPlan, plan.shard)].length);
  });

  test("shows a matrix of GitHub Actions that does the same", async () => {
    const numbers = workflow.jobs.shard.strategy?.matrix.shard ?? [];
    const { cwd } = await createFakeIo();
    const shards = await Promise.all(
      numbers.map((number) => {
        const line = commandOf("shard")
          .replaceAll("${{ matrix.shard }}", String(number))
          .replaceAll("${{ needs.start.outputs.at }}", "+300ms");
        expect(line).not.toContain("${{");
        return lens(tamed(wordsOf(line).slice(3)), { cwd, env: { OPENAI_API_KEY: "any" } });
      }),
    );
    expect(shards.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const files = numbers.map((number) => `shard-${number}.json`);
    expect((await lens(withFiles(wordsOf(commandOf("merge")).slice(3), files), { cwd })).code).toBe(0);
    const { run, groups } = reportOf(commandOf("merge"), cwd);
    expect(run.shards).toEqual({ of: 4, numbers: [1, 2, 3, 4] });
    expect(groups[0]).toMatchObject({ requests: 400, outcomes: { ok: 400 }, ttft: { count: 400 } });
  });

  test.runIf(process.platform === "linux")("reckons with a start that is understood", () => {
    const commands = [...page.matchAll(/\$\((date [^)]*)\)/g)].map((match) => match[1] ?? "");
    expect(commands.length).toBe(2);
    for (const command of commands) {
      const nowMs = Date.now();
      const written = execFileSync("sh", ["-c", command], { encoding: "utf8" }).trim();
      expect(readStartAt(written, nowMs) - nowMs).toBeGreaterThan(170_000);
    }
  });
});
