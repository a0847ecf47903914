import { LensError } from "@lens/core";
import { adapters, type Credentials, findAdapter, type ProviderAdapter } from "@lens/providers";
import type { ResolvedSettings } from "./config.ts";
import type { ConfiguredTarget } from "./config-schema.ts";
import type { Io } from "./io.ts";

/** The provider of the built-in simulator. */
export const SIMULATOR = "sim";
/** The protocol that the simulator is asked in unless its target names another. */
const SIMULATOR_PROTOCOL = "openai";
const SIMULATOR_MODEL = "sim";

/** Where a protocol of the simulator is not the id of its adapter: `ollama` is Ollama's own protocol there. */
const ADAPTER_OF_PROTOCOL: Readonly<Record<string, string>> = { ollama: "ollama-native" };

/** A target as it was asked for, not yet reachable. */
export interface TargetRequest {
  readonly provider: string;
  readonly model: string;
  readonly label: string;
  readonly baseUrl: string | null;
  readonly apiKeyEnv: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** What must hold of it besides what must hold of all. */
  readonly thresholds: readonly string[];
}

/** A target that requests can be sent to. */
export interface ResolvedTarget {
  readonly label: string;
  readonly model: string;
  readonly adapter: ProviderAdapter;
  /** The adapter's id in the registry, which differs from its own id for the simulator. */
  readonly adapterId: string;
  readonly credentials: Credentials;
  /** The variable that the key came from; null where none is sent. */
  readonly keyVariable: string | null;
}

/** `PROVIDER:MODEL`, split at the first colon, since models have colons too. Throws `INVALID_ARGUMENT`. */
export function splitTarget(text: string): { readonly provider: string; readonly model: string } {
  const at = text.indexOf(":");
  const provider = text.slice(0, Math.max(0, at)).toLowerCase();
  const model = text.slice(at + 1);
  if (provider === SIMULATOR) return { provider, model: model === "" ? SIMULATOR_MODEL : model };
  if (at > 0 && model !== "") return { provider, model };
  const shown = text.slice(0, 60);
  const guess =
    at > 0 ? ` Name a model after the colon.` : /^[\w-]+[/=@]./.test(text) ? ` Did you mean \`${shown.replace(/[/=@]/, ":")}\`?` : "";
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected the target as PROVIDER:MODEL, such as openai:gpt-6-luna or sim:, got \`${shown}\`.${guess}`,
  );
}

/** The targets that flags, environment or file name; none where nothing does. Throws `INVALID_ARGUMENT` and `UNKNOWN_PROVIDER`. */
export function requestedTargets(settings: ResolvedSettings): readonly TargetRequest[] {
  const { provider, model, label } = settings;
  const named = provider === undefined && model === undefined ? (settings.targets ?? []) : [fromPair(settings)];
  if (label !== undefined && named.length > 1)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected one target with \`--label\`, got ${named.length}. In a configuration file each target can have a label.`,
    );
  const requests = named.map((target) => toRequest(target, settings));
  const twice = requests.find((request, index) => requests.findIndex((other) => other.label === request.label) !== index);
  if (twice !== undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected each target once, got \`${twice.label}\` twice. Give them labels in a configuration file to tell them apart.`,
    );
  return requests;
}

function fromPair({ provider, model }: ResolvedSettings): string {
  if (provider === undefined)
    throw new LensError("INVALID_ARGUMENT", `Expected \`--provider\` with \`--model ${model?.slice(0, 60)}\`, got none.`);
  if (model === undefined && provider !== SIMULATOR)
    throw new LensError("INVALID_ARGUMENT", `Expected \`--model\` with \`--provider ${provider.slice(0, 60)}\`, got none.`);
  return `${provider}:${model ?? ""}`;
}

function toRequest(target: ConfiguredTarget, settings: ResolvedSettings): TargetRequest {
  const own = typeof target === "string" ? { target } : target;
  const { provider, model } = splitTarget(own.target);
  if (provider !== SIMULATOR) findAdapter(provider);
  return {
    provider,
    model,
    label: own.label ?? settings.label ?? labelOf(provider, model),
    baseUrl: own.baseUrl ?? settings.baseUrl ?? null,
    apiKeyEnv: own.apiKeyEnv ?? settings.apiKeyEnv ?? null,
    headers: { ...settings.headers, ...own.headers },
    thresholds: own.thresholds ?? [],
  };
}

/** The name of a target that was given none. */
export function labelOf(provider: string, model: string): string {
  return provider === SIMULATOR && model === SIMULATOR_MODEL ? SIMULATOR : `${provider}:${model}`;
}

/** The variables of the environment that hold a key of any provider. */
export function presentKeys(env: Io["env"]): readonly string[] {
  const names = new Set(adapters.flatMap((adapter) => adapter.apiKeyEnv));
  return [...names].filter((name) => (env[name] ?? "") !== "");
}

/**
 * Makes a target reachable: finds adapter and key. A missing key is an error only at the provider's own address; another server
 * may want none, and says so if it does. Throws `MISSING_KEY`.
 */
export function resolveTarget(request: TargetRequest, env: Io["env"], simulatorBaseUrls: Readonly<Record<string, string>>): ResolvedTarget {
  const { label, headers } = request;
  if (request.provider === SIMULATOR) return resolveSimulator(request, simulatorBaseUrls);
  const adapter = findAdapter(request.provider);
  const baseUrl = request.baseUrl ?? adapter.defaultBaseUrl;
  if (baseUrl === null)
    throw new LensError("INVALID_ARGUMENT", `Expected \`--base-url\` with \`${adapter.id}\`, which has no address of its own.`);
  const keyVariable = findKeyVariable(adapter, request, env);
  const apiKey = keyVariable === null ? null : (env[keyVariable] ?? null);
  return { label, model: request.model, adapter, adapterId: adapter.id, keyVariable, credentials: { apiKey, baseUrl, headers } };
}

function findKeyVariable(adapter: ProviderAdapter, { apiKeyEnv, baseUrl }: TargetRequest, env: Io["env"]): string | null {
  const names = apiKeyEnv === null ? adapter.apiKeyEnv : [apiKeyEnv];
  const found = names.find((name) => (env[name] ?? "") !== "");
  if (found !== undefined) return found;
  if (apiKeyEnv !== null) throw new LensError("MISSING_KEY", `Expected a key in ${shownVariable(apiKeyEnv)}, which is not set.`);
  if (adapter.keyOptional || baseUrl !== null) return null;
  throw new LensError(
    "MISSING_KEY",
    `Expected a key for ${adapter.id} in ${names.join(" or ")}, got none. Set it, or name another variable by \`--api-key-env\`.`,
  );
}

/** Some people type the key itself where its variable's name is wanted. */
function shownVariable(name: string): string {
  return /^[A-Z][A-Z0-9_]{0,40}$/.test(name) ? `\`${name}\`` : "the variable that `--api-key-env` names";
}

/** `sim:MODEL` asks as OpenAI's chat completions do, `sim:PROTOCOL/MODEL` in another protocol. */
function resolveSimulator(request: TargetRequest, baseUrls: Readonly<Record<string, string>>): ResolvedTarget {
  const at = request.model.indexOf("/");
  const named = at > 0 && Object.hasOwn(baseUrls, request.model.slice(0, at)) ? request.model.slice(0, at) : null;
  const protocol = named ?? SIMULATOR_PROTOCOL;
  const model = named === null ? request.model : request.model.slice(at + 1) || SIMULATOR_MODEL;
  const baseUrl = request.baseUrl ?? baseUrls[protocol];
  if (baseUrl === undefined) throw new LensError("INTERNAL", `Expected the simulator to speak ${protocol}.`);
  const adapterId = ADAPTER_OF_PROTOCOL[protocol] ?? protocol;
  const adapter: ProviderAdapter = { ...findAdapter(adapterId), id: SIMULATOR };
  return {
    label: request.label,
    model,
    adapter,
    adapterId,
    keyVariable: null,
    credentials: { apiKey: "sim", baseUrl, headers: request.headers },
  };
}
