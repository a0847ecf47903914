import type { PromptMessage } from "@lens/providers";
import type { Prompt } from "./spec.ts";
import { fillTemplate, missingProblem, type Values } from "./template.ts";

/** One entry of a file of prompts. */
export interface Entry {
  readonly prompt: Prompt;
  /** How often it is asked beside others; 1 unless it says. */
  readonly weight: number;
  /** How many times somebody speaks to the model, as far as the entry tells. */
  readonly turns: number;
}

/** What is wrong with an entry, and where: in characters from its beginning. */
export interface EntryFault {
  readonly offset: number;
  /** As `Expected … to be …, got …`, without a full stop. */
  readonly problem: string;
}

/** How entries become prompts. */
export interface EntryRules {
  /** Asked of every entry, whose fields are its variables; null where each entry has a prompt of its own. */
  readonly template: string | null;
  /** Values of variables that an entry does not have itself. */
  readonly values: Values;
  /** Whether all of a conversation is wanted, and not its first question alone. */
  readonly isWhole?: boolean;
}

export const isEntryFault = (result: Entry | EntryFault): result is EntryFault => "problem" in result;

type Fields = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Fields | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;

/** What a request of OpenAI's protocol may hold besides `messages`: sent on as it stands, unless our own words for it are known. */
const PASSED_ON = [
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
  "response_format",
  "stop",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "reasoning_effort",
  "verbosity",
] as const;

/** Ours to say. */
const OURS: ReadonlySet<string> = new Set(["messages", "model", "stream", "stream_options"]);

function readAmount(fields: Fields, ...names: readonly string[]): number | undefined {
  const found = names.map((name) => fields[name]).find((value) => value !== undefined && value !== null);
  return typeof found === "number" ? found : undefined;
}

const limitOf = (fields: Fields): number | undefined => readAmount(fields, "max_completion_tokens", "max_tokens");

function settingsOf(fields: Fields): Omit<Prompt, "messages" | "body"> {
  const maxTokens = limitOf(fields);
  const temperature = readAmount(fields, "temperature");
  const topP = readAmount(fields, "top_p");
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  };
}

const SETTING_NAMES: ReadonlySet<string> = new Set(["max_completion_tokens", "max_tokens", "temperature", "top_p"]);

/** A request of OpenAI's protocol, alone or as a line of a batch file has it, under `body`. */
function readRequest(fields: Fields, line: Fields, fault: Refuse): Entry | EntryFault {
  const { messages } = fields;
  if (!Array.isArray(messages) || messages.length === 0) return fault("messages", "a list of at least one message", messages);
  const broken = messages.findIndex((message) => typeof asObject(message)?.role !== "string");
  if (broken !== -1) return fault("messages", `messages with a \`role\`, the one at ${broken + 1} too`, messages[broken]);
  const names = fields === line ? PASSED_ON.filter((name) => name in fields) : Object.keys(fields);
  const passed = names.filter((name) => !OURS.has(name) && !SETTING_NAMES.has(name)).map((name) => [name, fields[name]] as const);
  // Messages go on as they stand, with whatever fields and roles the protocol has: images, tool calls and their results.
  const prompt: Prompt = { messages: messages as PromptMessage[], ...settingsOf(fields) };
  return {
    prompt: passed.length === 0 ? prompt : { ...prompt, body: Object.fromEntries(passed) },
    weight: 1,
    turns: messages.filter((message) => asObject(message)?.role === "user").length,
  };
}

const SHAREGPT_ROLES: Readonly<Record<string, PromptMessage["role"]>> = {
  system: "system",
  human: "user",
  user: "user",
  gpt: "assistant",
  chatgpt: "assistant",
  bing: "assistant",
  bard: "assistant",
  model: "assistant",
  assistant: "assistant",
};

/** A conversation as ShareGPT's files have them: what is asked is its first question. */
function readConversation(conversations: unknown, isWhole: boolean, fault: Refuse): Entry | EntryFault {
  if (!Array.isArray(conversations) || conversations.length === 0)
    return fault("conversations", "a list of at least one message", conversations);
  const messages: PromptMessage[] = [];
  for (const said of conversations) {
    const { from, value } = asObject(said) ?? {};
    const role = typeof from === "string" ? SHAREGPT_ROLES[from.toLowerCase()] : undefined;
    if (role === undefined) return fault("from", `one of ${Object.keys(SHAREGPT_ROLES).join(", ")}`, from);
    if (typeof value !== "string") return fault("value", "a text", value);
    messages.push({ role, content: value });
  }
  const question = messages.findIndex(({ role, content }) => role === "user" && content !== "");
  if (question === -1) return fault("conversations", "a conversation with a question in it", "none");
  return {
    prompt: { messages: isWhole ? messages : messages.slice(0, question + 1).filter(({ role }) => role !== "assistant") },
    weight: 1,
    turns: messages.filter(({ role }) => role === "user").length,
  };
}

/** What an entry says of itself as text: the values of variables. */
function valuesOf(fields: Fields): Values {
  const known = Object.entries(fields).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

/** A prompt of text and variables. */
function readText(template: string, values: Values, settings: Fields, { column, fault }: Faults): Entry | EntryFault {
  const filled = fillTemplate(template, values);
  if ("missing" in filled) return { offset: column("prompt"), problem: missingProblem(filled.missing, values) };
  if (filled.text.trim() === "") return fault("prompt", "some text", filled.text);
  return { prompt: { messages: [{ role: "user", content: filled.text }], ...settingsOf(settings) }, weight: 1, turns: 1 };
}

type Refuse = (name: string, expected: string, got: unknown) => EntryFault;

interface Faults {
  /** Where a field begins; the entry's beginning where it has none of that name. */
  readonly column: (name: string) => number;
  readonly fault: Refuse;
}

/** What a value is, without telling what it says: it may be a prompt. */
function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return `\`${String(value)}\``;
  if (typeof value === "string") return value.trim() === "" ? "an empty text" : "a text";
  return Array.isArray(value) ? (value.length === 0 ? "an empty list" : "a list") : "an object";
}

function faultsIn(offsetOf: (name: string) => number): Faults {
  return {
    column: offsetOf,
    fault: (name, expected, got) => ({ offset: offsetOf(name), problem: `Expected \`${name}\` to be ${expected}, got ${kindOf(got)}` }),
  };
}

/** Reads a row of named values, such as a line of CSV. */
export function readRow(row: Values, rules: EntryRules, offsetOf: (name: string) => number): Entry | EntryFault {
  const faults = faultsIn(offsetOf);
  const weight = row.weight === undefined ? 1 : Number(row.weight);
  if (!(weight >= 0 && Number.isFinite(weight))) return faults.fault("weight", "a number from 0 up", row.weight);
  const template = rules.template ?? row.prompt;
  if (template === undefined) {
    return faults.fault("prompt", "a column of the file, or `--template` to be given", undefined);
  }
  const entry = readText(template, { ...rules.values, ...row }, {}, faults);
  return isEntryFault(entry) ? entry : { ...entry, weight };
}

/** Reads an entry that was JSON: a text, an object with a `prompt`, OpenAI's `messages`, or ShareGPT's `conversations`. */
export function readValue(value: unknown, rules: EntryRules, offsetOf: (name: string) => number): Entry | EntryFault {
  const faults = faultsIn(offsetOf);
  const fields = asObject(value) ?? (typeof value === "string" ? { prompt: value } : null);
  if (fields === null) return { offset: 0, problem: `Expected an object or a text, got ${kindOf(value)}` };
  const weight = fields.weight ?? 1;
  if (!(typeof weight === "number" && weight >= 0 && Number.isFinite(weight))) return faults.fault("weight", "a number from 0 up", weight);
  const entry = readFields(fields, rules, faults);
  return isEntryFault(entry) ? entry : { ...entry, weight };
}

function readFields(fields: Fields, { template, values, isWhole = false }: EntryRules, faults: Faults): Entry | EntryFault {
  const own = template ?? fields.prompt;
  const request = fields.messages === undefined ? (asObject(fields.body) ?? fields) : fields;
  const limit = limitOf(request);
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) return faults.fault("max_tokens", "a whole number from 1 up", limit);
  if (typeof own === "string") return readText(own, { ...values, ...valuesOf(fields) }, fields, faults);
  if (request.messages !== undefined) return readRequest(request, fields, faults.fault);
  if (fields.conversations !== undefined) return readConversation(fields.conversations, isWhole, faults.fault);
  if (fields.prompt !== undefined) return faults.fault("prompt", "a text", fields.prompt);
  return {
    offset: 0,
    problem: "Expected an entry with `prompt`, `messages` or `conversations`, or `--template` to be given, got none of them",
  };
}
