/** Serves at most so many at once; the others wait in line. */
export interface Slots {
  /** Calls `start` as soon as a slot is free, at once if one is. The function that it returns gives the slot, or the place in the line, up. */
  enter(start: () => void): () => void;
}

/** `count` slots, first come, first served; null: no limit. */
export function createSlots(count: number | null): Slots {
  // A set keeps its order of insertion and forgets from the middle cheaply, as when a waiting client leaves.
  const line = new Set<() => void>();
  let free = count ?? Number.POSITIVE_INFINITY;

  function serveNext(): void {
    for (const start of line) {
      if (free <= 0) return;
      line.delete(start);
      free--;
      start();
    }
  }

  return {
    enter(start) {
      let state: "waiting" | "served" | "left" = "waiting";
      const serve = (): void => {
        state = "served";
        start();
      };
      line.add(serve);
      serveNext();
      return () => {
        const was = state;
        state = "left";
        if (was === "waiting") line.delete(serve);
        if (was !== "served") return;
        free++;
        serveNext();
      };
    },
  };
}
