import type { Output } from "./io.ts";
import type { Screen } from "./screen.ts";

/** What is said to people on standard error while a run goes on, whether or not a region is drawn there. */
export interface Notices {
  /** Whole lines. */
  say(text: string): Promise<void>;
  /** From now on lines go above this region; null where there is none any more. */
  attach(screen: Screen | null): void;
}

/** Notices on an output. */
export function createNotices(output: Output): Notices {
  let screen: Screen | null = null;
  return {
    async say(text) {
      if (screen === null) await output.write(text);
      else screen.say(text);
    },
    attach(region) {
      screen = region;
    },
  };
}
