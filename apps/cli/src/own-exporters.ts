import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { LensError } from "@lens/core";
import type { Exporter, RecordExporter } from "@lens/exporters";
import type { Io } from "./io.ts";

/** The names under which a module exports what it can do. */
export type OwnExport = "exporter" | "comparisonExporter";

type Module = Readonly<Record<string, unknown>>;

const SHAPE = "an object with `id`, `extension` and a function `render(report)`, or `open()` for records";

/** Whether a format can only be a file. */
const isPath = (format: string): boolean => /^\.{0,2}[/\\]|^[a-z]:\\|\.[cm]?[jt]s$/i.test(format);

/**
 * The exporter of the user's own file, relative to the working folder, or of a package that is installed there; null where `format` is neither. Throws
 * `INVALID_ARGUMENT` for a module that cannot be loaded, or exports none of that name.
 */
export async function loadOwnExporter<Document>(
  format: string,
  name: OwnExport,
  io: Pick<Io, "cwd" | "stripsTypes" | "nodeVersion">,
): Promise<Exporter<Document> | RecordExporter | null> {
  const url = isPath(format) ? pathToFileURL(resolve(io.cwd, format)).href : await findPackage(format, io.cwd);
  if (url === null) return null;
  if (/\.[cm]?ts$/.test(extname(url)) && !io.stripsTypes)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Cannot load \`${format}\`: Node ${io.nodeVersion} does not import TypeScript (22.18 and later do). Compile it to JavaScript.`,
    );
  return guarded(readExport<Document>(await load(url, format), name, format), format);
}

/** Where a package of that name begins; null where none is installed. */
async function findPackage(name: string, cwd: string): Promise<string | null> {
  if (!/^(@[\w.-]+\/)?[\w.-]+(\/[\w./-]+)?$/.test(name)) return null;
  const { resolve: resolveModule } = await import("import-meta-resolve");
  try {
    const url = resolveModule(name, pathToFileURL(resolve(cwd, "here.js")).href);
    return url.startsWith("file:") ? url : null;
  } catch {
    return null;
  }
}

async function load(url: string, format: string): Promise<Module> {
  try {
    return (await import(url)) as Module;
  } catch (cause) {
    throw new LensError("INVALID_ARGUMENT", `Cannot load the exporter \`${shown(format)}\`: ${firstLine(cause)}`, { cause });
  }
}

function readExport<Document>(module: Module, name: OwnExport, format: string): Exporter<Document> | RecordExporter {
  const found = module[name] ?? (name === "exporter" ? module.default : undefined);
  const { id, extension, render, open } = (typeof found === "object" && found !== null ? found : {}) as Partial<Record<string, unknown>>;
  const isWhole = typeof id === "string" && id !== "" && typeof extension === "string" && extension !== "";
  if (isWhole && (typeof render === "function" || typeof open === "function")) return found as Exporter<Document> | RecordExporter;
  const got = found === undefined ? "nothing" : isWhole ? "one without either function" : "something else";
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected \`${shown(format)}\` to export \`${name}\`${name === "exporter" ? ", or a default" : ""}, ${SHAPE}, got ${got}.`,
  );
}

/** Says whose fault it is where an exporter of the user's own fails, or gives no text. */
function guarded<Document>(exporter: Exporter<Document> | RecordExporter, format: string): Exporter<Document> | RecordExporter {
  const checked = (text: unknown): string => {
    if (typeof text === "string") return text;
    throw new TypeError(`it gave ${text === null ? "null" : typeof text}, and no text`);
  };
  const attempt = async <T>(action: () => T | Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      throw failed(cause, format);
    }
  };
  const { id, extension } = exporter;
  if ("render" in exporter)
    return { id, extension, render: (document, options) => attempt(async () => checked(await exporter.render(document, options))) };
  return {
    id,
    extension,
    async open(options) {
      const text = await attempt(() => exporter.open(options));
      const line: typeof text.line = (record) => {
        try {
          return checked(text.line(record));
        } catch (cause) {
          throw failed(cause, format);
        }
      };
      return { head: await attempt(() => checked(text.head)), line };
    },
  };
}

const failed = (cause: unknown, format: string): LensError =>
  new LensError("INVALID_ARGUMENT", `The exporter \`${shown(format)}\` failed: ${firstLine(cause)}`, { cause });

const shown = (format: string): string => (isPath(format) ? basename(format) : format).slice(0, 60);

function firstLine(cause: unknown): string {
  const message = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
