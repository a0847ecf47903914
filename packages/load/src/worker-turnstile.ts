/**
 * Lets so many callers through in a turn of the event loop; undefined for those who may go on at once. In each turn sockets are read in between: without it,
 * the requests that follow a thousand answers would all begin in one turn, and every byte that came meanwhile would be seen late.
 */
export function createTurnstile(perTurn: number): () => Promise<void> | undefined {
  const waiting: (() => void)[] = [];
  let left = perTurn;
  let turning = false;

  function turn(): void {
    const passing = waiting.splice(0, perTurn);
    left = perTurn - passing.length;
    turning = passing.length > 0;
    if (turning) setImmediate(turn);
    for (const pass of passing) pass();
  }

  return () => {
    if (!turning) setImmediate(turn);
    turning = true;
    if (left === 0) return new Promise((resolve) => void waiting.push(resolve));
    left -= 1;
    return undefined;
  };
}
