/** A small seeded generator: the same seed and stream give the same numbers on every machine. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
  /** Uniform whole number in [0, 2³²). */
  word(): number;
}

/**
 * The sfc32 generator (Chris Doty-Humphrey, PractRand). `stream` picks one of 2³² independent sequences of a seed, so that what
 * one request draws does not depend on which requests came before it.
 */
export function createRandom(seed: number, stream: number): Random {
  let a = seed >>> 0;
  let b = stream >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 1;

  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  const uniform = (): number => word() / 2 ** 32;
  // Neighbouring seeds start alike; these rounds drive them apart.
  for (let round = 0; round < 20; round++) word();
  return {
    word,
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
