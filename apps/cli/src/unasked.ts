import { ANTHROPIC_DEFAULT_MAX_TOKENS } from "@lens/providers";
import type { ResolvedTarget } from "./targets.ts";

/** What had to be sent though nobody asked for it, in sentences. */
export function notesOnUnasked(targets: readonly ResolvedTarget[], maxTokens: number | undefined): readonly string[] {
  if (maxTokens !== undefined) return [];
  return targets
    .filter(({ adapter }) => adapter.id === "anthropic")
    .map(
      ({ label }) =>
        `${label}: the protocol demands a limit on output tokens, and ${ANTHROPIC_DEFAULT_MAX_TOKENS} was sent; \`--max-tokens\` sets another.`,
    );
}
