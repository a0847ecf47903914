/** Lanczos' approximation with Godfrey's nine coefficients (g = 7): right to about 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const SMALLEST = 1e-300;
const PRECISION = 1e-15;
/** Beyond this the series of the normal distribution loses digits, and its continued fraction is short. */
const SERIES_END = 2.5;
const MOST_STEPS = 10_000;
/** Of critical values, which nobody reads to more digits. */
const RESOLUTION = 1e-10;

function logGamma(x: number): number {
  const base = x + 6.5;
  let sum: number = LANCZOS[0];
  for (let index = 1; index < LANCZOS.length; index += 1) sum += (LANCZOS[index] ?? 0) / (x + index - 1);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}

const awayFromZero = (value: number): number => (Math.abs(value) < SMALLEST ? SMALLEST : value);

/** The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let step = 1; step < MOST_STEPS; step += 1) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return fraction;
}

/** The regularised incomplete beta function. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function normalTwoSided(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < SERIES_END) {
    let term = z;
    let sum = z;
    for (let odd = 3; term > sum * PRECISION; odd += 2) {
      term *= (z * z) / odd;
      sum += term;
    }
    return 1 - 2 * density * sum;
  }
  let fraction = z;
  for (let step = 100; step > 0; step -= 1) fraction = z + step / fraction;
  return (2 * density) / fraction;
}

/**
 * How likely a variable of Student's distribution lies at least `t` from 0, on either side. Infinitely many degrees of freedom, which need
 * not be whole, make it the normal distribution.
 */
export function twoSidedTail(t: number, degrees = Infinity): number {
  const size = Math.abs(t);
  if (size === Infinity) return 0;
  if (degrees === Infinity) return normalTwoSided(size);
  return incompleteBeta(degrees / (degrees + size * size), degrees / 2, 0.5);
}

/** How far from 0 such a variable lies with the probability `tail`, on either side: 1.96 for 0.05 of a normal one. */
export function criticalValue(tail: number, degrees = Infinity): number {
  let low = 0;
  let high = 2;
  while (twoSidedTail(high, degrees) > tail) high *= 2;
  while (high - low > high * RESOLUTION) {
    const middle = (low + high) / 2;
    if (twoSidedTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return high;
}
