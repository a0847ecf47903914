import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXPORTERS, RECORD_EXPORTERS } from "@lens/exporters";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../src/command-table.ts";
import { createFakeIo, lens } from "./fake-io.ts";

interface Case {
  readonly args: string;
  readonly says: string;
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const COMMAND_NAMES = Object.keys(COMMANDS).join(", ");

const FORMATS = [...EXPORTERS, ...RECORD_EXPORTERS].map(({ id }) => id).join(", ");

const CASES: readonly Case[] = [
  {
    args: "benchmrk",
    says: `Expected a command (${COMMAND_NAMES}), got \`benchmrk\`. Did you mean \`benchmark\`? See \`lens --help\`.`,
  },
  {
    args: "openai:x",
    says: `Expected a command (${COMMAND_NAMES}), got \`openai:x\`. To measure a target: \`lens benchmark openai:x\`. See \`lens --help\`.`,
  },
  {
    args: "--json",
    says: `Expected a command (${COMMAND_NAMES}) before \`--json\`. See \`lens --help\`.`,
  },
  {
    args: "bench sim: --concurency 5",
    says: "Expected an option of `lens benchmark`, got `--concurency`. Did you mean `--concurrency`? See `lens benchmark --help`.",
  },
  {
    args: "prof sim: --requests 5",
    says: "Expected an option of `lens profile`, got `--requests`. It is an option of `lens benchmark` and `lens run` and `lens compare`. See `lens profile --help`.",
  },
  { args: "bench sim: -z", says: "Expected an option of `lens benchmark`, got `-z`. See `lens benchmark --help`." },
  { args: "bench sim: -n", says: "Expected a value after `-n`, got none. See `lens benchmark --help`." },
  { args: "bench sim: -n 1 -n 2", says: "Expected `--requests` once, got it 2 times. See `lens benchmark --help`." },
  { args: "sim extra", says: "Expected no argument, got `extra` besides. See `lens sim --help`." },
  { args: "prof sim: sim:b", says: "Expected one argument, got `sim:b` besides. See `lens profile --help`." },
  {
    args: "bench sim: -c 0",
    says: "Expected `--concurrency` to be a whole number from 1 up, or levels such as 1,2,4..64, 1..100 x2 or 10..100 +10, got `0`.",
  },
  { args: "bench sim: -n ten", says: "Expected `--requests` to be a whole number from 1 up, got `ten`." },
  { args: "bench sim: -n 1.5", says: "Expected `--requests` to be a whole number from 1 up, got `1.5`." },
  { args: "bench sim: --warmup -1", says: "Expected `--warmup` to be a number of requests or a duration such as 5s, got `-1`." },
  { args: "bench sim: --drain 5parsecs", says: "Expected `--drain` to be a number of requests or a duration such as 5s, got `5parsecs`." },
  { args: "bench sim: --rate 0", says: "Expected `--rate` to be above 0, save at the beginning of `--stages`, got `0`." },
  { args: "bench sim: --rate 5 -c 5", says: "Expected either `--concurrency` or `--rate`, got both." },
  { args: "bench sim: --rate 5 --timestamps t.txt", says: "Expected either `--rate` or `--timestamps`, got both." },
  { args: "bench sim: --timestamps t.txt", says: "Cannot read `t.txt`: there is no such file or folder." },
  { args: "bench sim: --arrivals poisson", says: "Expected `--rate`, or `--stages` of rates, with `--arrivals`." },
  { args: "bench sim: --arrivals uniform --rate 5", says: "Expected `--arrivals` to be constant, poisson or gamma, got `uniform`." },
  { args: "bench sim: --burstiness 0.5", says: "Expected `--rate` with `--burstiness`." },
  { args: "bench sim: --rate 5 --burstiness 0.5 --arrivals poisson", says: "Expected `--arrivals gamma` with `--burstiness`." },
  {
    args: "bench sim: --rate 5 --arrivals gamma",
    says: "Expected `--burstiness` with `--arrivals gamma`, got none. 1 is poisson, 0.25 comes in bursts.",
  },
  { args: "bench sim: --max-in-flight 5", says: "Expected `--rate`, `--timestamps` or `--trace` with `--max-in-flight`." },
  {
    args: "bench sim: --rate 5 --think-time 1s",
    says: "Expected a closed loop, which `--concurrency` makes, or conversations with `--think-time`.",
  },
  { args: "bench sim: -c 1,2 --stages 1s:5", says: "Expected one level with `--stages`." },
  {
    args: "bench sim: --stages 1s:5.5",
    says: "Expected `--stages` as TIME:LEVEL by commas, such as 30s:10,1m:10,30s:0, with whole numbers of requests under way, got `1s:5.5`.",
  },
  {
    args: "bench sim: --rate 1 --stages 5",
    says: "Expected `--stages` as TIME:LEVEL by commas, such as 30s:10,1m:10,30s:0, with requests per second, got `5`.",
  },
  {
    args: "bench sim: --stages soon:5",
    says: "Expected the time in `--stages` to be milliseconds or a duration such as 250ms, 30s or 5m, got `soon`.",
  },
  { args: "bench sim: -c 4..1", says: "Expected `--concurrency` to be ranges from the smaller to the larger number, got `4..1`." },
  { args: "bench sim: --search ttft<500ms --stages 1s:5", says: "Expected no `--stages` with `--search`." },
  {
    args: "bench sim: --search ttft<500ms --warmup 5",
    says: "Expected neither `--warmup` nor `--drain`, which it sees to itself, with `--search`.",
  },
  { args: "bench sim: --tpm 1000", says: "Expected `--max-tokens`, to know what a request may use, with `--tpm`." },
  { args: "bench sim: --max-cost 1", says: "Expected `--max-tokens`, to know what a request may cost, with `--max-cost`." },
  {
    args: "bench sim: --max-cost 1 --max-tokens 5",
    says: "Expected a known price for `sim` with `--max-cost`. Give one under `prices` in a configuration file.",
  },
  { args: "bench sim: --workers many", says: "Expected `--workers` to be auto or a whole number from 0 up, got `many`." },
  { args: "bench sim: --grace -1s", says: "Expected `--grace` to be milliseconds or a duration such as 500ms or 30s, got `-1s`." },
  { args: "selftest --streams 0", says: "Expected `--streams` to be whole numbers from 1 up, by comma, got `0`." },
  {
    args: "bench sim: --timeout 3parsecs",
    says: "Expected `--timeout` to be milliseconds or a duration such as 500ms, 30s or 5m, more than 0, got `3parsecs`.",
  },
  {
    args: "bench sim: --duration 0s",
    says: "Expected `--duration` to be milliseconds or a duration such as 500ms, 30s or 5m, more than 0, got `0s`.",
  },
  { args: "bench sim: --max-error-rate 200%", says: "Expected `--max-error-rate` to be a share such as 0.01 or 1%, got `200%`." },
  { args: "bench sim: --top-p 2", says: "Expected `--top-p` to be a number from 0 to 1, got `2`." },
  { args: "bench openai:x --base-url foo", says: "Expected `--base-url` to be an http or https URL, got something else." },
  { args: "bench openai:x --header nocolon", says: "Expected `--header` to be a header as `Name: value`, got something else." },
  {
    args: "bench openai/gpt",
    says: "Expected the target as PROVIDER:MODEL, such as openai:gpt-6-luna or sim:, got `openai/gpt`. Did you mean `openai:gpt`?",
  },
  {
    args: "bench openai:",
    says: "Expected the target as PROVIDER:MODEL, such as openai:gpt-6-luna or sim:, got `openai:`. Name a model after the colon.",
  },
  { args: "bench :gpt", says: "Expected the target as PROVIDER:MODEL, such as openai:gpt-6-luna or sim:, got `:gpt`." },
  { args: "bench --model x", says: "Expected `--provider` with `--model x`, got none." },
  { args: "bench --provider openai", says: "Expected `--model` with `--provider openai`, got none." },
  { args: "bench sim: --provider openai", says: "Expected either the target or `--provider`, got both." },
  {
    args: "bench sim: sim:",
    says: "Expected each target once, got `sim` twice. Give them labels in a configuration file to tell them apart.",
  },
  {
    args: "bench sim:a sim:b --label x",
    says: "Expected one target with `--label`, got 2. In a configuration file each target can have a label.",
  },
  {
    args: "bench openai:x",
    says: "Expected a key for openai in OPENAI_API_KEY, got none. Set it, or name another variable by `--api-key-env`.",
  },
  { args: "bench openai:x --api-key-env MY_KEY", says: "Expected a key in `MY_KEY`, which is not set." },
  {
    args: "bench openai:x --api-key-env AIzaSyD0c5e8",
    says: "Expected a key in the variable that `--api-key-env` names, which is not set.",
  },
  {
    args: "bench openai:x --api-key-env sk-123",
    says: "Expected `--api-key-env` to be the name of an environment variable, got something else.",
  },
  {
    args: "bench azure:x",
    says: "Expected `--base-url` with `azure`, which has no address of its own.",
    env: { AZURE_OPENAI_API_KEY: "k" },
  },
  {
    args: "bench",
    env: { OPENAI_API_KEY: "sk-canary" },
    says: "Expected a target such as openai:MODEL, got none; OPENAI_API_KEY is set, so requests may cost money. For the free simulator: `lens benchmark sim:`.",
  },
  { args: "bench --base-url http://127.0.0.1:1/v1", says: "Expected a target with `--base-url`, such as openai:MODEL, got none." },
  {
    args: "bench sim: --format xml",
    says: `Expected \`--format\` to be one of ${FORMATS}, or the path of an exporter, got \`xml\`.`,
  },
  {
    args: "bench sim: --format jsno",
    says: `Expected \`--format\` to be one of ${FORMATS}, or the path of an exporter, got \`jsno\`. Did you mean \`json\`?`,
  },
  { args: "bench sim: --format json --json", says: "Expected either `--format` or `--json`, got both." },
  {
    args: "bench sim: --format json,console",
    says: "Expected one format on standard output, got more. Give the others an `--output` each.",
  },
  {
    // Before the file is looked at, which may be long.
    args: "export missing.jsonl -f json,csv",
    says: "Expected one format on standard output, got more. Give the others an `--output` each.",
  },
  { args: "bench sim: --format json -o a.json -o b.json", says: "Expected at most as many `--output` as formats, got 2 for 1." },
  {
    args: "bench sim: -o report.xyz",
    says: `Expected \`--format\` for \`report.xyz\`, whose ending tells none. Known are ${FORMATS}.`,
  },
  { args: "bench sim: -o no/such/r.json", says: "Cannot write `no/such/r.json`: there is no such file or folder." },
  { args: "bench sim: --sim-truth no/such.jsonl", says: "Cannot write `no/such.jsonl`: there is no such file or folder." },
  { args: "bench vllm:x --sim-truth t.jsonl", says: "Expected the target sim: with `--sim-truth`, got others only." },
  { args: "bench sim: --records no/such.jsonl", says: "Cannot write `no/such.jsonl`: there is no such file or folder." },
  { args: "bench sim: --prompt-file missing.txt", says: "Cannot read `missing.txt`: there is no such file or folder." },
  { args: "bench sim: --prompt-file .", says: "Cannot read `.`: it is a folder." },
  { args: "bench sim: --prompt-file -", says: "Expected a prompt in `-`, got nothing." },
  { args: "bench sim: --prompt-file a --prompt b", says: "Expected either `--prompt` or `--prompt-file`, got both." },
  { args: "bench sim: --config missing.yaml", says: "Cannot read the configuration file `missing.yaml`: there is no such file or folder." },
  {
    args: "bench sim: --config lens.toml",
    says: "Expected the configuration file to end in .yaml, .yml, .json, .js, .mjs, .cjs, .ts, .mts, got `lens.toml`.",
  },
  {
    args: "bench sim:",
    env: { LENS_CONCURRENCY: "many" },
    says: "Expected the variable `LENS_CONCURRENCY` to be a whole number from 1 up, or levels such as 1,2,4..64, 1..100 x2 or 10..100 +10, got `many`.",
  },
  { args: "prof sim: --stream-to printer", says: "Expected `--stream-to` to be stderr or stdout, got `printer`." },
  {
    args: "prof sim: --stream-to stdout --json",
    says: "Expected `--output` for the report with `--stream-to stdout`, got none: the answer takes standard output.",
  },
  { args: "sim --port 99999", says: "Expected `--port` to be a whole number from 0 to 65535, got `99999`." },
  { args: "sim --slots 0", says: "Expected `--slots` to be a whole number from 1 up, got `0`." },
  {
    args: "sim --ttft uniform:1,2",
    says: "Expected `--ttft` to be a value, a list by comma or lognormal:MEDIAN,SIGMA, got `uniform:1,2`.",
  },
  { args: "sim --fault 492=2", says: expect.stringMatching(/^Expected `--fault` to be one of 401, .*, got `492`\. Did you mean `429`\?$/) },
  { args: "sim --fault 429=2", says: "Expected a share such as 0.1 or 10% in `--fault`, got `2`." },
  { args: "sim --tls-cert c.pem", says: "Expected `--tls-cert` and `--tls-key` together, got one of them." },
  { args: "completion tcsh", says: "Expected a shell (bash, zsh, fish), got `tcsh`." },
];

describe("bad input ends in one clear line, the right exit code and an empty standard output", () => {
  test.each(CASES)("lens $args", async ({ args, says, code = 2, env = {} }) => {
    const result = await lens(args, { env });
    expect(result.err).toMatch(/^lens: .*\n$/);
    expect(result.err.slice("lens: ".length, -1)).toEqual(says);
    expect(result.out).toBe("");
    expect(result.code).toBe(code);
  });

  test("an unknown provider is told the known ones and the nearest", async () => {
    const { code, err, out } = await lens("bench opnai:x");
    expect(err).toMatch(/^lens: Expected the provider to be one of openai, .*got `opnai`\. Did you mean `openai`\?\n$/);
    expect([code, out]).toEqual([2, ""]);
  });

  test("a stack trace is shown with --verbose, and never without", async () => {
    const { err } = await lens("bench sim: --prompt-file missing.txt --verbose");
    expect(err).toContain("\n    at ");
    expect(err).toContain("Caused by Error: ENOENT");
  });
});

describe("a bad configuration file is told by name and place", () => {
  test.each([
    [
      "lens.config.json",
      '{"concurrency": 0}',
      "Expected `concurrency` in lens.config.json to be a whole number from 1 up, or levels such as 1,2,4..64, 1..100 x2 or 10..100 +10, got `0`.",
    ],
    [
      "lens.config.yaml",
      "concurency: 3",
      "Expected a known setting, got `concurency` in lens.config.yaml. Did you mean `concurrency`? `lens config` lists them all.",
    ],
    [
      "lens.config.yaml",
      "targets: [sim:]",
      'Expected `targets` in lens.config.yaml to be a list of "PROVIDER:MODEL", in quotes, or of objects with a `target`, got something else.',
    ],
    ["lens.config.yaml", "- a", "Expected lens.config.yaml to hold an object of settings, got a list."],
    ["lens.config.json", "{", /^Cannot read `lens\.config\.json`: .*JSON/],
    ["lens.config.yml", "a: [", /^Cannot read `lens\.config\.yml`: .*line 1/],
    ["lens.config.mjs", "export default 5", "Expected lens.config.mjs to hold an object of settings, got a number."],
    [
      "lens.config.ts",
      "export default {}",
      "Cannot read `lens.config.ts`: Node 20.0.0 does not import TypeScript (22.18 and later do). Name it lens.config.mjs, or use YAML.",
    ],
  ])("%s holding %j", async (name, content, says) => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, name), content);
    const { code, out, err } = await lens("bench sim:", { cwd });
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    if (typeof says === "string") expect(err).toBe(`lens: ${says}\n`);
    else expect(err.slice("lens: ".length)).toMatch(says);
    expect([code, out]).toEqual([2, ""]);
  });
});
