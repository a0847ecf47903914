import { createLogUpdate } from "log-update";
import type { Output } from "./io.ts";

/** A region at the end of a terminal that is redrawn in place. */
export interface Screen {
  /** Replaces what the region shows. */
  draw(frame: string): void;
  /** Writes lines above the region, to stay. */
  say(text: string): void;
  /** Takes the region away. */
  clear(): void;
}

/** A screen on a terminal. What it writes is handed over in order; who must know that it has arrived writes to the output and waits. */
export function createScreen(output: Output): Screen {
  const stream = {
    write: (text: string) => {
      void output.write(text);
      return true;
    },
    get columns() {
      return output.columns;
    },
    get rows() {
      return output.rows;
    },
    isTTY: true,
  };
  // The cursor stays to be seen: a process that is ended at once could not bring it back.
  const region = createLogUpdate(stream as unknown as NodeJS.WritableStream, { showCursor: true });
  return {
    draw: (frame) => region(frame),
    say: (text) => region.persist(text.replace(/\n$/, "")),
    clear: () => region.clear(),
  };
}
