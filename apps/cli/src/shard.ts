import { LensError } from "@lens/core";
import type { Shard } from "@lens/load";
import type { ShardSet } from "@lens/metrics";
import type { Settings } from "./config-schema.ts";
import type { Io } from "./io.ts";
import type { PlannedLoad } from "./load-plan.ts";

/** Says how many shards there are, where the system that starts them tells each only which one it is. */
export const SHARD_COUNT_VARIABLE = "LENS_SHARDS";

/** How systems that start several processes tell each which one it is. */
const SYSTEMS = [
  // An Indexed Job of Kubernetes, which does not tell how many there are.
  { index: "JOB_COMPLETION_INDEX", count: SHARD_COUNT_VARIABLE, first: 0 },
  // `parallel` of GitLab CI.
  { index: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: 1 },
] as const;

function refuse(expected: string, got: string): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}

const shown = (value: string | undefined): string => (value === undefined || value === "" ? "nothing" : `\`${value.slice(0, 60)}\``);

function readWhole(variable: string, env: Io["env"], least: number): number {
  const value = env[variable];
  if (value === undefined || !/^\d{1,9}$/.test(value) || Number(value) < least)
    return refuse(`a whole number from ${least} up in \`${variable}\` for \`--shard auto\``, shown(value));
  return Number(value);
}

function shardOfSystem(env: Io["env"]): Shard {
  const system = SYSTEMS.find(({ index }) => (env[index] ?? "") !== "");
  if (system === undefined)
    return refuse(
      `${SYSTEMS.map(({ index, count }) => `\`${index}\` with \`${count}\``).join(", or ")}, for \`--shard auto\``,
      "none of them",
    );
  const shard = { index: readWhole(system.index, env, system.first) - system.first, of: readWhole(system.count, env, 1) };
  if (shard.index >= shard.of)
    refuse(`\`${system.index}\` to be at most ${shard.of - 1 + system.first}, there being ${shard.of} shards`, shown(env[system.index]));
  return shard;
}

/**
 * Which part of a run this process is, as `--shard` says; null where it is all of it. Throws `INVALID_ARGUMENT` for a part that there is not, and
 * for `auto` where the environment does not tell.
 */
export function resolveShard({ shard: written }: Pick<Settings, "shard">, env: Io["env"]): Shard | null {
  if (written === undefined) return null;
  if (written === "auto") return shardOfSystem(env);
  const [number = 0, of = 0] = written.split("/").map(Number);
  if (of < 1 || number < 1 || number > of) refuse("`--shard` to be a part such as 2/8, from 1/8 to 8/8", shown(written));
  return { index: number - 1, of };
}

/** The same load, of which one part falls to this process. */
export function takeShard(load: PlannedLoad, shard: Shard | null): PlannedLoad {
  return shard === null ? load : { ...load, planAt: (level) => ({ ...load.planAt(level), shard }) };
}

/** A shard as reports tell of it: counted from 1. */
export function toShardSet({ index, of }: Shard): ShardSet {
  return { of, numbers: [index + 1] };
}
