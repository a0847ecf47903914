import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createFakeIo, lens } from "./fake-io.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A collector that answers with that status, and the names of the metrics that it was sent. */
async function collector(status = 200): Promise<{ readonly url: string; readonly names: string[] }> {
  const names: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      for (const { name } of JSON.parse(body).resourceMetrics[0].scopeMetrics[0].metrics) names.push(name);
      response.writeHead(status).end("{}");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, names };
}

describe("--otlp-endpoint", () => {
  test("sends the metrics of a run to a collector, beside the report", async () => {
    const { url, names } = await collector();
    const { code, out } = await lens(`benchmark sim: -n 3 -q --otlp-endpoint ${url}`);
    expect(code).toBe(0);
    expect(out).toContain("TTFT");
    expect(names).toContain("gen_ai.client.inference.time_to_first_chunk");
    expect(names).toContain("lens.client.chunk_gap");
  });

  test("sends those of saved results, under the names asked for", async () => {
    const { cwd } = await createFakeIo();
    await lens("benchmark sim: -n 3 -q -o a.json", { cwd });
    for (const command of ["export a.json", "merge a.json"]) {
      const { url, names } = await collector();
      expect((await lens(`${command} --otlp-endpoint ${url} --semconv v1.41`, { cwd })).code).toBe(0);
      expect(names).toContain("gen_ai.client.operation.time_to_first_chunk");
      expect(names).not.toContain("gen_ai.client.inference.time_to_first_chunk");
    }
  });

  test("says which collector refused, and fails, though the report is written", async () => {
    const { url } = await collector(400);
    const { cwd } = await createFakeIo();
    const { code, err } = await lens(`benchmark sim: -n 3 -q -o a.json --otlp-endpoint ${url}`, { cwd });
    expect(err).toContain(`Expected the collector at ${url} to take the metrics, got status 400.`);
    expect(code).toBe(3);
    expect(JSON.parse(await readFile(join(cwd, "a.json"), "utf8"))).toMatchObject({ schema: 1 });
  });

  test("is refused where it is no URL, and never shown with a password", async () => {
    expect(await lens("benchmark sim: --otlp-endpoint nowhere")).toMatchObject({ code: 2 });
    expect((await lens("config --otlp-endpoint http://me:hidden@127.0.0.1:4318")).out).not.toContain("hidden");
    expect(await lens("benchmark sim: --semconv v2")).toMatchObject({ code: 2 });
  });
});

test("the machine formats are written by a run, and by export from what it saved", async () => {
  const { cwd } = await createFakeIo();
  const formats = "-f prometheus,hgrm,hlog,otlp";
  expect((await lens(`benchmark sim: -n 5 -q ${formats},json -o a.prom,a.hgrm,a.hlog,a.otlp,a.json`, { cwd })).code).toBe(0);
  expect((await lens(`export a.json ${formats} -o b.prom,b.hgrm,b.hlog,b.otlp`, { cwd })).code).toBe(0);
  const files = await readdir(cwd);
  const ofRun = files.filter((name) => name.startsWith("a.") && name !== "a.json");
  expect(ofRun).toContain("a.prom");
  expect(ofRun.filter((name) => name.endsWith(".ttft.hgrm"))).toHaveLength(1);
  for (const name of ofRun)
    expect(await readFile(join(cwd, name.replace("a.", "b.")), "utf8")).toBe(await readFile(join(cwd, name), "utf8"));
});
