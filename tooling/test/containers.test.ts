import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { flagName, OPTION_NAMES } from "../../apps/cli/src/options.ts";
import { SIM_OPTIONS } from "../../apps/cli/src/sim-options.ts";
import { rootDir } from "../scripts/workspace.mjs";
import { blocksOf } from "./markdown.ts";

const dockerDir = path.join(rootDir, "docker");
const read = (file: string): string => readFileSync(path.join(rootDir, file), "utf8");

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, each on one line. */
function instructionsOf(dockerfile: string): readonly Instruction[] {
  return dockerfile
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ name: line.split(" ", 1)[0] ?? "", text: line.slice(line.indexOf(" ") + 1) }));
}

/** Whether an image is named with a version of which there is one only: no `latest`, no `v3`. */
const isExact = (image: string): boolean => /:v?\d+\.\d+\.\d+(-[\w.-]+)?$/.test(image);
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");

describe("the Dockerfile", () => {
  const dockerfile = read("docker/Dockerfile");
  const instructions = instructionsOf(dockerfile);
  const fromAt = instructions.flatMap(({ name }, index) => (name === "FROM" ? [index] : []));
  const stages = fromAt.map((from, index) => instructions.slice(from, fromAt[index + 1]));
  const last = stages.at(-1) ?? [];
  const textOf = (name: string): string => last.findLast((one) => one.name === name)?.text ?? "";

  test("asks for no other version of the language, which would be an image to pull", () => {
    expect(dockerfile).not.toMatch(/^#\s*syntax\s*=/im);
  });

  test("names its base images with their versions", () => {
    const images = Object.fromEntries(
      instructions.flatMap(({ name, text }) => (name === "ARG" && text.includes("_IMAGE=") ? [text.split("=", 2)] : [])),
    ) as Record<string, string>;
    expect(Object.keys(images)).toEqual(["NODE_IMAGE", "RUNTIME_IMAGE"]);
    expect(isExact(images["NODE_IMAGE"] ?? "")).toBe(true);
    // Distroless has no versions but Debian's: a release names it by its digest.
    expect(images["RUNTIME_IMAGE"]).toMatch(/^gcr\.io\/distroless\/cc-debian\d+:nonroot$/);
    expect(stages.map(([from]) => from?.text.replace(/^--platform=\S+ /, "").split(" ")[0])).toEqual([
      "${NODE_IMAGE}",
      "fetched",
      "${NODE_IMAGE}",
      "${NODE_IMAGE}",
      "${RUNTIME_IMAGE}",
    ]);
  });

  test("runs programs only in stages of the building machine's platform", () => {
    const platforms = new Map<string, boolean>();
    for (const [from, ...rest] of stages) {
      const [, platform = "", base = "", name = ""] = /^(?:--platform=(\S+) )?(\S+)(?: AS (\S+))?$/.exec(from?.text ?? "") ?? [];
      const isBuilding = platform === "$BUILDPLATFORM" || platforms.get(base) === true;
      platforms.set(name, isBuilding);
      expect({ name, runs: rest.some((one) => one.name === "RUN") && !isBuilding }).toEqual({ name, runs: false });
    }
  });

  test("starts and checks the program without a shell", () => {
    const program = ["/usr/local/bin/node", "/app/apps/cli/bin/lens.js"];
    expect(JSON.parse(textOf("ENTRYPOINT"))).toEqual(program);
    expect(JSON.parse(textOf("CMD"))).toEqual(["monitor", "--listen", "0.0.0.0:9464"]);
    expect(JSON.parse(textOf("HEALTHCHECK").replace(/^.*?CMD /, ""))).toEqual([...program, "healthcheck"]);
    expect(existsSync(path.join(rootDir, "apps/cli/bin/lens.js"))).toBe(true);
  });

  test("runs as a user that is not root, by number", () => {
    expect(textOf("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test("says what the image is, as OCI has it", () => {
    const labels = [...textOf("LABEL").matchAll(/org\.opencontainers\.image\.([\w.]+)=/g)].map(([, name]) => name);
    expect(labels).toEqual(["title", "description", "url", "source", "documentation", "licenses", "base.name", "version", "revision"]);
  });

  test("copies from the sources only what .dockerignore lets in", () => {
    const lines = read(".dockerignore").split("\n");
    const [first] = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(first).toBe("*");
    const letIn = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect(letIn.filter((name) => !existsSync(path.join(rootDir, name)))).toEqual([]);
    const copied = instructions.flatMap(({ name, text }) =>
      name === "COPY" && !text.startsWith("--") ? text.split(" ").slice(0, -1) : [],
    );
    expect(copied.filter((name) => name !== "." && !letIn.includes(name))).toEqual([]);
  });
});

interface Service {
  readonly image: string;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly deploy?: { readonly resources: { readonly limits: Readonly<Record<string, unknown>> } };
}

interface Stack {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const readStack = (file: string): Stack => parse(read(`docker/${file}`), { merge: true }) as Stack;
/** Built from this repository. */
const isOurs = (image: string): boolean => image === "llm-latency-lens:dev";

describe.each(["docker-compose.yml", "docker-compose.prod.yml"])("%s", (file) => {
  const { services, volumes } = readStack(file);
  const all = Object.entries(services);

  test("pins the version of every image", () => {
    const images = all.map(([, { image }]) => withDefaults(image));
    expect(images.filter((image) => !isOurs(image) && !isExact(image))).toEqual([]);
  });

  test("mounts what there is, read-only, and volumes that have a name", () => {
    for (const [name, { volumes: mounts = [] }] of all) {
      for (const [source = "", , mode] of mounts.map((mount) => mount.split(":"))) {
        const found = source.startsWith(".") ? existsSync(path.resolve(dockerDir, source)) && mode === "ro" : source in volumes;
        expect({ name, source, found }).toEqual({ name, source, found: true });
      }
    }
  });

  test("publishes ports to this machine only", () => {
    expect(all.flatMap(([, { ports = [] }]) => ports).filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });

  test("checks the health of every service, in the form that wants no shell", () => {
    const checks = all.map(([name, { healthcheck }]) => [name, healthcheck?.test[0] ?? "of the image"]);
    expect(checks.filter(([name, form]) => form !== "CMD" && name !== "monitor")).toEqual([]);
  });

  test("has the hosts that the configuration of Prometheus and Alertmanager names", () => {
    const prometheus = read("monitoring/prometheus/prometheus.yml");
    const hosts = [...prometheus.matchAll(/targets: \["([\w-]+):(\d+)"\]/g)].map(([, host = "", port = ""]) => [host, port]);
    expect(hosts).toEqual([
      ["alertmanager", "9093"],
      ["monitor", "9464"],
    ]);
    expect(hosts.filter(([host = ""]) => !(host in services))).toEqual([]);
    expect(services["monitor"]?.command).toContain("--listen=0.0.0.0:9464");
  });
});

describe("the demo stack", () => {
  const { services } = readStack("docker-compose.yml");

  test("sends alerts to its own webhook", () => {
    const hosts = [...read("monitoring/alertmanager/demo.yml").matchAll(/url: http:\/\/([\w-]+):(\d+)\//g)];
    expect(new Set(hosts.map(([, host, port]) => `${host}:${port}`))).toEqual(new Set(["webhook:8080"]));
    expect(services["webhook"]?.command).toEqual(["8080"]);
  });

  test("probes its own simulator, and nothing that asks for a key", () => {
    const { targets } = parse(read("docker/config/demo.yaml")) as { targets: readonly { baseUrl: string }[] };
    expect(targets.length).toBeGreaterThan(1);
    expect(targets.filter(({ baseUrl }) => new URL(baseUrl).host !== "simulator:8080")).toEqual([]);
    expect(services["simulator"]?.command).toContain("--port=8080");
  });
});

describe("the production stack", () => {
  const { services, networks = {}, secrets = {} } = readStack("docker-compose.prod.yml");
  const all = Object.entries(services);

  test.each(all)("hardens %s, limits it, starts it again, and keeps its log short", (_, service) => {
    expect(service).toMatchObject({
      restart: "unless-stopped",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      logging: { options: { "max-size": "10m", "max-file": "5" } },
    });
    expect(Object.keys(service.deploy?.resources.limits ?? {})).toEqual(["cpus", "memory", "pids"]);
  });

  test("publishes nothing but Grafana", () => {
    expect(all.flatMap(([name, { ports = [] }]) => (ports.length > 0 ? [name] : []))).toEqual(["grafana"]);
    expect(networks["metrics"]?.internal).toBe(true);
    expect(all.filter(([, service]) => service.networks?.includes("metrics") !== true)).toEqual([]);
  });

  test("takes every secret from a file that git does not know", () => {
    const used = new Set(all.flatMap(([, service]) => service.secrets ?? []));
    expect(Object.keys(secrets).toSorted()).toEqual([...used].toSorted());
    expect(Object.values(secrets).filter((secret) => !secret.file.startsWith("./secrets/"))).toEqual([]);
    expect(read(".gitignore").split("\n")).toContain("/docker/secrets/");
    const inTheOpen = all
      .flatMap(([, { environment = {} }]) => Object.keys(environment))
      .filter((name) => /password|key|token/i.test(name));
    expect(inTheOpen.filter((name) => !name.endsWith("_FILE"))).toEqual([]);
  });

  test("mounts the secrets that the configuration of Alertmanager reads", () => {
    const files = [...read("monitoring/alertmanager/alertmanager.yml").matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name]) => name);
    expect(new Set(services["alertmanager"]?.secrets)).toEqual(new Set(files));
  });
});

describe("what is deployed", () => {
  const pages = ["docs/DOCKER.md", "docs/DEPLOYMENT.md"].flatMap((page) => blocksOf(page));

  test("is given options that the program has", () => {
    const known = new Set(["config", ...OPTION_NAMES.map(flagName), ...SIM_OPTIONS.map(({ flag }) => flag)]);
    const composed = ["docker-compose.yml", "docker-compose.prod.yml"].map((file) => readStack(file).services);
    const services = composed.flatMap(({ monitor, simulator }) => [...(monitor?.command ?? []), ...(simulator?.command ?? [])]);
    const pods = ["monitor.yaml", "load.yaml", "merge.yaml"]
      .flatMap((file) => parseAllDocuments(read(`docker/kubernetes/${file}`)))
      .flatMap((document) => (document.toJS() as { spec?: any }).spec?.template?.spec.containers ?? [])
      .flatMap((container: { args: readonly string[] }) => container.args);
    const unit = pages.find(({ language }) => language === "ini")?.text.match(/^ExecStart=\S+ \S+ (.*)$/m)?.[1] ?? "";
    const flags = [...services, ...pods, ...unit.split(" ")].flatMap((word) => /^--([\w-]+)/.exec(word)?.[1] ?? []);
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
    expect(new Set(flags).size).toBeGreaterThan(10);
  });

  test("is made of files that there are, where the pages name them", () => {
    const named = pages.flatMap(({ text }) => [...text.matchAll(/\b(?:docker|monitoring)\/[\w./-]+/g)].map(([file]) => file));
    expect(named.filter((file) => !file.startsWith("docker/secrets") && !existsSync(path.join(rootDir, file)))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });
});

describe("the webhook of the demo stack", () => {
  test("prints a line for each alert, refuses what is none, and ends when told to", async () => {
    const child = spawn(process.execPath, [path.join(dockerDir, "webhook.mjs"), "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? "");
    const { port } = (await nextLine()) as { port: number };
    const send = async (body: string) => (await fetch(`http://127.0.0.1:${port}/warning`, { method: "POST", body })).status;

    const labels = { alertname: "HighLLMLatency", target: "sim" };
    const times = { startsAt: "2026-11-23T10:00:00Z", endsAt: "0001-01-01T00:00:00Z" };
    const alerts = ["firing", "resolved"].map((status) => ({ status, labels, annotations: { summary: "sim is slow" }, ...times }));
    expect(await send(JSON.stringify({ receiver: "warning", alerts }))).toBe(200);
    const common = { receiver: "warning", alert: "HighLLMLatency", summary: "sim is slow", startsAt: times.startsAt, labels };
    expect(await nextLine()).toEqual({ ...common, status: "firing" });
    expect(await nextLine()).toEqual({ ...common, status: "resolved", endsAt: times.endsAt });
    expect([await send("{}"), await send("alas")]).toEqual([400, 400]);

    child.kill("SIGTERM");
    expect((await ended)[0]).toBe(0);
  });
});
