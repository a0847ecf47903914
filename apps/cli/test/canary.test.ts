import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { main } from "../src/main.ts";
import { FORMAT_WORDS } from "../src/output-options.ts";
import { createFakeIo, type FakeIo, lens } from "./fake-io.ts";

/** What must not be found again, wherever one looks. */
const KEY = "canary-key-5f1d";
const HEADER = "canary-header-77aa";
const PASSWORD = "canary-password-c3";
const PROMPT = "canary-prompt-90be";
const SECRETS: readonly string[] = [KEY, HEADER, PASSWORD];

const closing: (() => void)[] = [];

afterEach(() => closing.splice(0).forEach((close) => close()));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

/** A server that repeats in all of its words what it was told: every other answer is a failure. */
function createEcho(): RequestListener {
  let count = 0;
  return (request, response) => {
    request.resume().on("end", () => {
      const { authorization = "", "x-api-key": own = "" } = request.headers;
      const told = `${authorization} ${String(own)}`;
      const headers = { "x-request-id": told, "x-ratelimit-limit-requests": told, "openai-model": told };
      count += 1;
      if (request.url?.endsWith("/models") === true) {
        response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify({ data: [{ id: told }] }));
      } else if (count % 2 === 0) {
        response.writeHead(401, { ...headers, "content-type": "application/json" });
        response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${told}`, type: told, code: told } }));
      } else {
        response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
        response.write(event({ id: told, model: told, system_fingerprint: told, choices: [{ index: 0, delta: { content: told } }] }));
        response.write(
          event({
            choices: [{ index: 0, delta: {}, finish_reason: told }],
            usage: { prompt_tokens: 1, completion_tokens: 1, [told]: told },
          }),
        );
        response.end("data: [DONE]\n\n");
      }
    });
  };
}

/** A collector that keeps what it is sent, the headers as well as the bodies. */
async function collect(): Promise<{ readonly host: string; readonly sent: string[] }> {
  const sent: string[] = [];
  const host = await serve((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      sent.push(`${JSON.stringify(request.headers)} ${body}`);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  return { host, sent };
}

/** All that is found in a folder, and in those within it. */
function contentsOf(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, "utf8")] as const);
}

async function run(io: FakeIo, args: string): Promise<number> {
  return main(args.split(" "), io);
}

/** A folder whose configuration holds every kind of secret, and a prompt. */
async function withSecrets(): Promise<FakeIo> {
  const host = await serve(createEcho());
  const io = await createFakeIo({ env: { OPENAI_API_KEY: KEY } });
  const target = { target: "openai:m", baseUrl: `http://me:${PASSWORD}@${host}/v1`, headers: { "X-Api-Key": HEADER } };
  const config = {
    targets: [target],
    prompt: PROMPT,
    system: PROMPT,
    requests: 8,
    concurrency: 1,
    maxErrorRate: 1,
    retries: 1,
    scenarios: { one: {}, two: { rate: 100 } },
  };
  await writeFile(join(io.cwd, "lens.config.json"), JSON.stringify(config));
  return io;
}

describe("a key, a secret header, a password and a prompt", () => {
  test("are in nothing that is written, whatever the server repeats", async () => {
    const io = await withSecrets();
    const { host, sent } = await collect();
    const formats = FORMAT_WORDS.filter((word) => word !== "console");
    const files = formats.map((word) => `out-${word}.txt`);
    const codes = [
      await run(
        io,
        `benchmark --verbose --explain -f ${formats.join(",")} -o ${files.join(",")} --records all.jsonl --otlp-endpoint http://${host}`,
      ),
      await run(io, "run --verbose --directory r"),
      await run(io, "compare openai:a openai:b --verbose -n 20 --base-url http://127.0.0.1:1 --retries 0"),
      await run(io, "profile --verbose -f json -o p.json"),
      await run(io, "validate --test-request"),
      await run(io, "config --json"),
      await run(io, `export all.jsonl -f html,markdown,csv-requests -o e.html,e.md,e.csv --otlp-endpoint http://${host}`),
      await run(io, "baseline save main r/report.json"),
    ];
    const { ok, requestsFailed } = EXIT_CODES;
    expect(codes).toEqual([ok, ok, ok, ok, requestsFailed, ok, ok, ok]);
    expect(sent).toHaveLength(2);
    const shown = [
      ["standard output", io.out()],
      ["standard error", io.err()],
      ["what was pushed", sent.join("\n")],
    ] as const;
    const written = [...shown, ...contentsOf(io.cwd)];
    const found = written.flatMap(([name, text]) =>
      [...SECRETS, PROMPT].filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${name}`),
    );
    expect(found.filter((place) => !place.endsWith("lens.config.json"))).toEqual([]);
    expect(written.length).toBeGreaterThan(20);
  }, 60_000);

  test("are not said where they were put in the wrong place", async () => {
    const wrong = [
      `benchmark openai:m --api-key-env ${KEY}`,
      `benchmark openai:m --base-url ${KEY}`,
      `benchmark openai:m --header ${KEY}`,
      `benchmark openai:m --otlp-endpoint http://me:${PASSWORD}@`,
      `run --header Authorization:${HEADER}\u0000`,
    ];
    for (const args of wrong) {
      const { code, out, err } = await lens(args.split(" "));
      expect([args, code]).toEqual([args, EXIT_CODES.usage]);
      expect(SECRETS.filter((secret) => `${out}${err}`.includes(secret))).toEqual([]);
    }
  });
});

describe("a file that somebody else made", () => {
  const hostile: Readonly<Record<string, string>> = {
    "keys of prototypes": '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    "deep nesting": `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
    "gigantic numbers": '{"schema":1e999,"requests":1e308,"startedAtMs":-1e308}',
    "a long line": `{"schema":1,"x":"${"y".repeat(1_000_000)}"}`,
    "a path": '{"schema":1,"records":"../../../../etc/passwd"}',
  };

  test.each(
    Object.entries(hostile).flatMap(([name, text]) =>
      [
        "export FILE -f json",
        "report FILE",
        "merge FILE FILE",
        'check FILE --threshold "requests > 1"',
        "run --manifest FILE",
        "benchmark sim: --config FILE",
      ].map((command) => [name, command, text] as const),
    ),
  )("with %s is refused by %s, in a line", async (_, command, text) => {
    const io = await createFakeIo();
    await writeFile(join(io.cwd, "hostile.json"), text);
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) =>
      (quoted ?? plain ?? "").replace("FILE", "hostile.json"),
    );
    expect(await main(words, io)).toBe(EXIT_CODES.usage);
    expect(io.err()).toMatch(/^lens: [^\n]{1,400}\n$/);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(readdirSync(io.cwd)).toEqual(["hostile.json"]);
  });

  test("that an output's name leads to by a link is not replaced, and the link stays one", async () => {
    const io = await createFakeIo();
    await writeFile(join(io.cwd, "precious.txt"), "precious");
    await symlink("precious.txt", join(io.cwd, "link.json"));
    expect(await main("benchmark sim: -q -n 2 -f json -o link.json".split(" "), io)).toBe(EXIT_CODES.usage);
    expect(await main("run sim: -q -n 2 --directory link.json".split(" "), io)).toBe(EXIT_CODES.usage);
    expect(readFileSync(join(io.cwd, "precious.txt"), "utf8")).toBe("precious");
  });
});

describe("a server that means harm", () => {
  test("by usage that is nested deeply costs its request, and not the run", async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const host = await serve((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(event({ choices: [{ index: 0, delta: { content: "a" }, finish_reason: "stop" }] }));
        response.end(`data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"deep":${deep}}}\n\ndata: [DONE]\n\n`);
      });
    });
    const { code, out, err } = await lens(`run openai:m --base-url http://${host}/v1 -n 3 -c 1 --warmup 0 -q --json`, {});
    expect([code, err]).toEqual([EXIT_CODES.ok, ""]);
    expect((JSON.parse(out) as { groups: { requests: number }[] }).groups[0]?.requests).toBe(3);
  });
});
