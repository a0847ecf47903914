import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type OpenPlan, planRequests, resolvePlan } from "@lens/load";
import type { Report } from "@lens/metrics";
import { type Simulator, startSimulator } from "@lens/sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { createFakeIo, lens } from "./fake-io.ts";

interface Job {
  readonly kind: string;
  readonly spec: {
    readonly completions: number;
    readonly parallelism: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [
          { readonly args: readonly string[]; readonly env: readonly { readonly name: string; readonly value?: string }[] },
        ];
      };
    };
  };
}

function readJob(file: string): Job {
  const text = readFileSync(new URL(`../../../docker/kubernetes/${file}`, import.meta.url), "utf8");
  const [job] = parseAllDocuments(text)
    .map((document) => document.toJS() as Job)
    .filter(({ kind }) => kind === "Job");
  if (job === undefined) throw new Error(`Expected a Job in ${file}.`);
  return job;
}

describe("the Jobs of docker/kubernetes", () => {
  const load = readJob("load.yaml").spec;
  const [container] = load.template.spec.containers;
  const variables = Object.fromEntries(container.env.map(({ name, value = "" }) => [name, value]));
  let simulator: Simulator;

  beforeAll(async () => {
    simulator = await startSimulator({ scenario: { ttftMs: 2, gapMs: 0, outputTokens: 3, slots: 1000, models: ["my-model"] } });
  });

  afterAll(() => simulator.close());

  test("start all shards at once, each of which knows how many there are", () => {
    expect([load.parallelism, Number(variables.LENS_SHARDS)]).toEqual([load.completions, load.completions]);
  });

  test("cut one run into shards, and merge them to what one process would have sent", async () => {
    const { cwd } = await createFakeIo();
    /** As Kubernetes fills in variables, but sent to a simulator, over in a moment, and in a folder of the test's. */
    const argsOf = (args: readonly string[], env: Readonly<Record<string, string>>): readonly string[] =>
      args.map((arg) =>
        arg
          .replaceAll(/\$\((\w+)\)/g, (_, name: string) => env[name] ?? "")
          .replace("/results", cwd)
          .replace(/^--base-url=.*/, `--base-url=${simulator.baseUrls.openai}`)
          .replace(/^--duration=.*/, "--duration=300ms"),
      );
    const shards = await Promise.all(
      Array.from({ length: load.completions }, (_, index) => {
        const env = { ...variables, LENS_START_AT: "+300ms", SHARD: String(index), JOB_COMPLETION_INDEX: String(index) };
        return lens(argsOf(container.args, env), { cwd, env });
      }),
    );
    expect(shards.map(({ code, err }) => [code, err])).toEqual(shards.map(() => [0, ""]));

    const [{ args }] = readJob("merge.yaml").spec.template.spec.containers;
    const { code, out } = await lens(argsOf(args, {}), { cwd });
    expect(code).toBe(0);
    expect(out.trimEnd()).not.toContain("\n");
    const { run, groups } = JSON.parse(out) as Report;
    expect(run.shards).toEqual({ of: load.completions, numbers: [1, 2, 3, 4, 5, 6, 7, 8] });

    const parts = Array.from({ length: load.completions }, (_, index) => join(cwd, `shard-${index}.json`))
      .map((file) => JSON.parse(readFileSync(file, "utf8")) as Report)
      .flatMap((report) => report.groups);
    const [group] = groups;
    expect(group?.requests).toBe(parts.reduce((sum, { requests }) => sum + requests, 0));
    const plan = resolvePlan({ load: { mode: "open", arrivals: { process: "poisson", ratePerSecond: 400 } }, durationNs: 300e6, seed: 1 });
    expect(group?.requests).toBe([...planRequests(plan as OpenPlan, plan.shard)].length);
    expect(group?.outcomes.ok).toBe(group?.requests);
    expect(group?.ttft.count).toBe(group?.requests);
  });
});
