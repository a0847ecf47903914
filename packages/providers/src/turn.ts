/** The number of the present turn of this thread's event loop, counted from 1 and only where somebody asks. */
export type TurnCounter = () => number;

/** Starts counting. Unlike a `LatenessProbe` it costs nothing in turns in which nobody asks. */
export function createTurnCounter(): TurnCounter {
  let turns = 0;
  let asked = false;
  const endTurn = (): void => {
    asked = false;
  };
  return () => {
    if (!asked) {
      asked = true;
      turns += 1;
      // Immediates run right after the sockets were read.
      setImmediate(endTurn);
    }
    return turns;
  };
}
