/** Uniform numbers from 0 to 1, the same for the same seed: Mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers of the standard normal distribution (Box and Muller), each like the one before to the degree of `likeness`. */
export function normal(seed: number, likeness = 0): () => number {
  const random = uniform(seed);
  const draw = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let value = draw();
  return () => (value = likeness * value + Math.sqrt(1 - likeness * likeness) * draw());
}
