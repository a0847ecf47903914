import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { main } from "../src/main.ts";
import { createFakeIo, type FakeIo, type FakeIoOptions, lens } from "./fake-io.ts";
import { samplesOf } from "./monitored.ts";

interface Entry {
  readonly level: string;
  readonly message: string;
  readonly url?: string;
  readonly [field: string]: unknown;
}

const entriesOf = (io: FakeIo): readonly Entry[] =>
  io
    .err()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Entry);

/** Runs a monitor, calls `use` once it listens, then ends it as SIGTERM would. */
async function whileMonitoring(args: string, use: (url: string, io: FakeIo) => Promise<void>, options: FakeIoOptions = {}) {
  const uses: Promise<void>[] = [];
  const io = await createFakeIo({
    ...options,
    onErr: (self) => {
      const url = entriesOf(self).find(({ message }) => message === "listening")?.url;
      if (url !== undefined && uses.length === 0) uses.push(use(url, self).finally(() => self.interrupt()));
    },
  });
  const code = await main(
    `monitor --listen 127.0.0.1:0 --interval 100ms ${args}`.split(" ").filter((word) => word !== ""),
    io,
  );
  await Promise.all(uses);
  return { code, io, entries: entriesOf(io) };
}

/** Asks until the answer is as wanted. */
async function until(
  url: string,
  isWanted: (response: Response, text: string) => boolean,
  headers: Record<string, string> = {},
): Promise<string> {
  for (;;) {
    const response = await fetch(url, { headers });
    const text = await response.text();
    if (isWanted(response, text)) return text;
  }
}

const READY = ({ status }: Response): boolean => status === 200;

describe("lens monitor", () => {
  test("probes the simulator, serves metrics, report and page, and ends well", async () => {
    const { code, io, entries } = await whileMonitoring("sim:", async (url) => {
      await until(`${url}/readyz`, READY);
      const samples = samplesOf(await (await fetch(`${url}/metrics`)).text());
      const ok = [...samples].find(([name]) => name.startsWith("llm_requests_total") && name.includes('status="ok"'));
      expect(ok?.[1]).toBeGreaterThanOrEqual(1);
      expect(ok?.[0]).toContain('provider="sim",model="sim",target="sim"');
      expect(samples.get('llm_probe_up{provider="sim",model="sim",target="sim"}')).toBe(1);
      const report = (await (await fetch(`${url}/report.json`)).json()) as Report;
      expect(report.groups[0]?.ttft.minNs).toBeGreaterThanOrEqual(4e6);
      expect(await (await fetch(url)).text()).toContain("<h1>Latency monitor</h1>");
      const { code: well } = await lens(`healthcheck --listen ${new URL(url).host}`);
      const { code: ready } = await lens(`healthcheck ${url}/readyz`);
      expect([well, ready]).toEqual([0, 0]);
    });
    expect([code, io.out()]).toEqual([0, ""]);
    expect(entries.map(({ message }) => message)).toEqual(["listening", "target is up", "ending"]);
    for (const { time } of entries) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test("keeps going with a file that cannot be read, takes a good one, and says both", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-monitor-"));
    const config = join(cwd, "lens.config.yaml");
    await writeFile(config, "targets: [sim:one]\n");
    const { code, entries } = await whileMonitoring(
      "--state state",
      async (url, io) => {
        await until(`${url}/readyz`, READY);
        await writeFile(config, "targets: [");
        io.hangUp();
        await until(`${url}/metrics`, (_response, text) => text.includes("llm_config_reload_successful 0"));
        await writeFile(config, "targets: [sim:two]\ninterval: 200ms\n");
        io.hangUp();
        const text = await until(`${url}/metrics`, (_response, found) => found.includes('llm_probe_up{provider="sim",model="two"'));
        expect(text).toContain("llm_config_reload_successful 1");
        expect(text).not.toContain('target="sim:one"');
      },
      { cwd },
    );
    expect(code).toBe(0);
    expect(entries.filter(({ message }) => message.startsWith("configuration")).map(({ level, code: error }) => [level, error])).toEqual([
      ["error", "INVALID_CONFIG"],
      ["info", undefined],
    ]);
    const again = await whileMonitoring(
      "",
      async (url) => {
        const text = await until(`${url}/metrics`, (_response, found) => found.includes("llm_requests_total"));
        expect(text).toContain('target="sim:two"');
      },
      { cwd, env: { LENS_STATE: "state" } },
    );
    expect(again.entries[0]).toMatchObject({ message: "state read", targets: 1 });
  });

  test("reads keys and its token from files, and shows neither anywhere, nor a prompt", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-monitor-"));
    await writeFile(join(cwd, "key"), "canary-key-9\n");
    await writeFile(join(cwd, "token"), "canary-token-9\n");
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response
        .writeHead(401, { "content-type": "application/json" })
        .end('{"error":{"message":"no such key: canary-key-9, canary-header-9, nor canary-prompt-9"}}');
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const seen: string[] = [];
    const { io } = await whileMonitoring(
      `openai:m --base-url http://127.0.0.1:${port}/v1 --token-file token --verbose -H X-Api-Token:canary-header-9 --prompt canary-prompt-9`,
      async (url) => {
        await until(`${url}/readyz`, READY);
        expect((await fetch(`${url}/metrics`)).status).toBe(401);
        const headers = { authorization: "Bearer canary-token-9" };
        for (const path of ["/metrics", "/report.json", "/"]) seen.push(await (await fetch(`${url}${path}`, { headers })).text());
      },
      { cwd, env: { OPENAI_API_KEY_FILE: "key" } },
    );
    server.close();
    expect(asked[0]).toBe("Bearer canary-key-9");
    expect(seen).toHaveLength(3);
    expect(seen[0]).toContain('error_type="AUTHENTICATION"');
    expect(seen[2]).toContain("AUTHENTICATION");
    expect(io.err()).toContain("target is down");
    expect(io.err() + seen.join("")).not.toContain("canary");
  });

  test("pushes to a Pushgateway, and says once that it cannot", async () => {
    const bodies: string[] = [];
    const gateway = createServer((request, response) => {
      request
        .on("data", (piece: Buffer) => bodies.push(`${request.method} ${request.url} ${piece.toString()}`))
        .on("end", () => response.writeHead(202).end());
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => gateway.once("listening", resolve));
    const { port } = gateway.address() as { port: number };
    const ready = (url: string): Promise<string> => until(`${url}/readyz`, READY);
    const { code } = await whileMonitoring(`sim: --pushgateway http://127.0.0.1:${port}`, async (url) => void (await ready(url)));
    gateway.close();
    expect(code).toBe(0);
    expect(bodies.join("")).toMatch(/^POST \/metrics\/job\/lens_monitor # HELP llm_requests_total /);
    const { entries } = await whileMonitoring(`sim: --pushgateway http://127.0.0.1:${port}`, async (url) => void (await ready(url)));
    expect(entries.filter(({ level }) => level === "warn")).toMatchObject([{ message: "metrics were not taken" }]);
  });

  test.each([
    ["--max-cost-per-day 1 sim:", /Expected `--max-tokens` with `--max-cost-per-day`/],
    ["--max-cost-per-day 1 --max-tokens 5 sim:", /Expected a known price for `sim` with `--max-cost-per-day`/],
    ["--listen 9464 sim:", /Expected `--listen` to be an address and a port such as 127\.0\.0\.1:9464, got `9464`/],
    ["--jitter 1 sim:", /Expected `--jitter` to be a share/],
    ["--interval 0s sim:", /Expected `--interval` to be/],
    ["--token-file none sim:", /Cannot read `none`: there is no such file/],
    ["--state none/state sim:", /Cannot write `none\/state`/],
    ["--retries 2 sim:", /Expected an option of `lens monitor`, got `--retries`/],
  ])("refuses %s", async (args, message) => {
    const { code, out, err } = await lens(`monitor ${args}`);
    expect(err).toMatch(message);
    expect([code, out]).toEqual([2, ""]);
  });
});

describe("lens healthcheck", () => {
  test("is 1 where nobody answers, or not well", async () => {
    const server = createServer((_request, response) => response.writeHead(503).end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const ill = await lens(`healthcheck http://127.0.0.1:${port}/readyz`);
    server.close();
    expect([ill.code, ill.err]).toEqual([1, `lens: http://127.0.0.1:${port}/readyz answered with status 503.\n`]);
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.yaml"), "targets: [");
    const broken = await lens("healthcheck", { cwd, env: { LENS_LISTEN: `127.0.0.1:${port}` } });
    expect(broken.code).toBe(1);
    const gone = await lens("healthcheck", { env: { LENS_LISTEN: `127.0.0.1:${port}` } });
    expect(gone.code).toBe(1);
  });
});
