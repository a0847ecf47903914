import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { rootDir } from "../scripts/workspace.mjs";
import { blocksOf } from "./markdown.ts";
import { alerts, readMonitoring } from "./monitoring.ts";
import { hasProgram, runLine } from "./programs.ts";

const FILES = ["alertmanager", "demo"] as const;
const SEVERITIES = ["critical", "warning", "info"] as const;
const HAS_AMTOOL = hasProgram("amtool");
const commands = blocksOf("docs/MONITORING.md").flatMap(({ language, text }) => (language === "sh" ? text.split("\n") : []));

interface Route {
  readonly receiver: string;
  readonly routes?: readonly Route[];
}

interface Configuration {
  readonly route: Route;
  readonly inhibit_rules: readonly { readonly source_matchers: readonly string[]; readonly target_matchers: readonly string[] }[];
  readonly receivers: readonly { readonly name: string }[];
}

const configuration = readMonitoring("alertmanager/alertmanager.yml") as Configuration;

describe("the routes of Alertmanager", () => {
  test.runIf(HAS_AMTOOL).each(commands.filter((line) => line.startsWith("amtool ")))("pass %s", async (line) => {
    expect(await runLine(line)).toMatchObject({ status: 0 });
  });

  test.runIf(HAS_AMTOOL).each(FILES.flatMap((file) => [...SEVERITIES, "none"].map((severity) => [file, severity] as const)))(
    "of %s.yml take an alert of the severity %s to its receiver, and one of none to that of warnings",
    async (file, severity) => {
      const receiver = severity === "none" ? "warning" : severity;
      const line = `amtool config routes test --config.file=monitoring/alertmanager/${file}.yml --verify.receivers=${receiver}`;
      expect(await runLine(`${line} alertname=Any provider=openai ${severity === "none" ? "" : `severity=${severity}`}`)).toMatchObject({
        status: 0,
        stdout: `${receiver}\n`,
      });
    },
  );

  test("of the demo are those of production, but for the time that they wait and for what the receivers do", () => {
    const [production, demo] = FILES.map((file) => withoutWaits(readMonitoring(`alertmanager/${file}.yml`) as Configuration));
    expect(demo).toEqual(production);
  });

  test("have a receiver for every severity, and no other", () => {
    expect(new Set(alerts.map(({ labels: { severity } }) => severity))).toEqual(new Set(SEVERITIES));
    expect(configuration.receivers.map(({ name }) => name)).toEqual(SEVERITIES);
  });

  test("hold back only alerts that there are, for alerts that there are", () => {
    const named = configuration.inhibit_rules
      .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
      .flatMap((matcher) => matcher.replaceAll(/^alertname =~?|["\s]/g, "").split("|"));
    expect(alerts.map(({ alert }) => alert)).toEqual(expect.arrayContaining(named));
  });

  test("hold no secret, only the files that hold them", () => {
    const text = readFileSync(path.join(rootDir, "monitoring/alertmanager/alertmanager.yml"), "utf8");
    const secrets = [...text.matchAll(/^[\s-]*(\w*(?:api_url|password|key|token|secret)\w*): (.*)$/gm)].map(([, name, value]) => ({
      name,
      value,
    }));
    expect(secrets).toEqual([
      { name: "slack_api_url_file", value: "/run/secrets/slack_api_url" },
      { name: "smtp_auth_password_file", value: "/run/secrets/smtp_password" },
      { name: "routing_key_file", value: "/run/secrets/pagerduty_routing_key" },
    ]);
  });
});

/** The tree of routes and what is held back, without what a demo may have shorter. */
function withoutWaits({ route, inhibit_rules, receivers }: Configuration): unknown {
  const text = JSON.stringify({ route, inhibit_rules, receivers: receivers.map(({ name }) => name) });
  return JSON.parse(text, (key, value: unknown) => (/^(group_wait|group_interval)$/.test(key) ? undefined : value));
}

describe("the words for people", () => {
  const one = {
    status: "firing",
    labels: { alertname: "HighLLMLatency", severity: "warning", target: "openai:gpt-6-sol" },
    annotations: { summary: "openai:gpt-6-sol is slow", description: "For 5 minutes.", runbook_url: "https://example.com/runbook" },
  };
  const other = { ...one, annotations: { ...one.annotations, summary: "openai:gpt-6-luna is slow" } };
  const over = { ...one, status: "resolved" };

  const render = async (template: string, status: string, ...told: readonly (typeof one)[]): Promise<string> => {
    const folder = mkdtempSync(path.join(tmpdir(), "lens-template-"));
    try {
      const data = path.join(folder, "data.json");
      const groupLabels = { alertname: "HighLLMLatency", provider: "openai" };
      writeFileSync(data, JSON.stringify({ receiver: "warning", status, alerts: told, groupLabels, commonLabels: one.labels }));
      const args = `--template.glob=monitoring/alertmanager/templates/*.tmpl --template.data=${data}`;
      return (await runLine(`amtool template render ${args} --template.text='{{ template "${template}" . }}'`)).stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test.runIf(HAS_AMTOOL)("name the alert and how many targets it is about", async () => {
    expect(await render("lens.title", "firing", one)).toBe("WARNING HighLLMLatency");
    expect(await render("lens.title", "firing", one, other)).toBe("WARNING HighLLMLatency (2)");
    expect(await render("lens.title", "resolved", over)).toBe("Over: HighLLMLatency");
  });

  test.runIf(HAS_AMTOOL)(
    "say of each target what is wrong and where to read on, and of those that are well again that they are",
    async () => {
      expect(await render("lens.text", "firing", other, over)).toBe(
        "openai:gpt-6-luna is slow. For 5 minutes. Runbook: https://example.com/runbook\nNo longer so: openai:gpt-6-sol is slow.\n",
      );
      expect(await render("lens.runbook", "firing", one)).toBe("https://example.com/runbook");
    },
  );
});

describe.runIf(hasProgram("prometheus-alertmanager"))("a running Alertmanager", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "lens-alertmanager-"));
  const arrived: string[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { alerts: told } = (await json(request)) as { readonly alerts: readonly (typeof MILD)[] };
    arrived.push(...told.map(({ status, labels: { alertname } }) => `${request.url} ${alertname} ${status}`));
    response.end();
  }
  const sink = createServer((request, response) => void take(request, response));
  let process: ReturnType<typeof spawn> | null = null;
  let api = "";

  const labels = { instance: "monitor:9464", provider: "openai", target: "openai:gpt-6-sol" };
  const MILD = { status: "firing", labels: { alertname: "HighLLMLatency", severity: "warning", ...labels } };
  const SEVERE = { labels: { alertname: "VeryHighLLMLatency", severity: "critical", ...labels } };
  const MEMORY = { labels: { alertname: "HighMemoryUsage", severity: "info", instance: "monitor:9464" } };

  const post = async (...told: readonly { readonly labels: object; readonly endsAt?: string }[]): Promise<void> => {
    const body = JSON.stringify(told.map(({ labels: each, endsAt }) => ({ labels: each, ...(endsAt === undefined ? {} : { endsAt }) })));
    const response = await fetch(`${api}/alerts`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(response.status).toBe(200);
  };

  beforeAll(async () => {
    sink.listen(0, "127.0.0.1");
    await once(sink, "listening");
    const demo = readFileSync(path.join(rootDir, "monitoring/alertmanager/demo.yml"), "utf8");
    const file = path.join(folder, "alertmanager.yml");
    const address = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
    writeFileSync(file, demo.replaceAll("http://webhook:8080/", address).replace("group_interval: 5s", "group_interval: 1s"));
    const args = [
      `--config.file=${file}`,
      `--storage.path=${folder}/data`,
      "--web.listen-address=127.0.0.1:0",
      "--cluster.listen-address=",
    ];
    process = spawn("prometheus-alertmanager", args, { stdio: ["ignore", "ignore", "pipe"] });
    for await (const line of createInterface(process.stderr!)) {
      const [, found] = /Listening on.*address=(127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (found !== undefined) {
        api = `http://${found}/api/v2`;
        break;
      }
    }
    process.stderr!.resume();
  });

  afterAll(async () => {
    if (process !== null) {
      const ended = once(process, "exit");
      process.kill();
      await ended;
    }
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("tells those whom the severity names, of the worse alert alone, and then that it is over", { timeout: 60_000 }, async () => {
    await post(MILD, SEVERE, MEMORY);
    const told = ["/critical VeryHighLLMLatency firing", "/info HighMemoryUsage firing"];
    await vi.waitFor(() => expect(arrived.toSorted()).toEqual(told), { timeout: 20_000, interval: 100 });
    const held = (await (await fetch(`${api}/alerts?filter=alertname="HighLLMLatency"`)).json()) as any;
    expect(held).toMatchObject([{ status: { state: "suppressed", inhibitedBy: [expect.any(String)] } }]);

    await post({ ...SEVERE, endsAt: new Date().toISOString() });
    told.push("/critical VeryHighLLMLatency resolved", "/warning HighLLMLatency firing");
    await vi.waitFor(() => expect(arrived.toSorted()).toEqual(told.toSorted()), { timeout: 20_000, interval: 100 });
  });
});
