/** Numbers in [0, 1) that are the same for the same seed: a linear congruence whose high bits are mixed once. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** A normal number with mean 0 and deviation 1 (Box and Muller). */
export function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A log-normal number around its median. */
export function logNormal(random: () => number, median: number, sigma: number): number {
  return median * Math.exp(sigma * standardNormal(random));
}

/** Gaps between arrivals with mean 1 and a given coefficient of variation; 1 is what comes by chance alone. */
export type GapLaw = 'gamma' | 'weibull';

/** Draws gaps of mean 1. `variation`: standard deviation over mean, above 0. */
export function gapSampler(law: GapLaw, variation: number, random: () => number): () => number {
  if (law === 'gamma') {
    const shape = 1 / variation ** 2;
    return () => gammaVariate(shape, random) / shape;
  }
  const shape = weibullShape(variation);
  const scale = 1 / Math.exp(logGamma(1 + 1 / shape));
  return () => scale * (-Math.log(1 - random())) ** (1 / shape);
}

/** A Gamma number of scale 1 (Marsaglia and Tsang 2000; shapes below 1 by their boost). */
function gammaVariate(shape: number, random: () => number): number {
  if (shape < 1) return gammaVariate(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = standardNormal(random);
    const cube = (1 + c * normal) ** 3;
    if (cube > 0 && Math.log(1 - random()) < normal ** 2 / 2 + d - d * cube + d * Math.log(cube)) return d * cube;
  }
}

/** The shape whose variation is the given one: it falls as the shape grows, so halving finds it. */
function weibullShape(variation: number): number {
  const variationOf = (shape: number): number =>
    Math.sqrt(Math.max(0, Math.exp(logGamma(1 + 2 / shape) - 2 * logGamma(1 + 1 / shape)) - 1));
  let low = 0.05;
  let high = 50;
  for (let round = 0; round < 60; round += 1) {
    const middle = Math.sqrt(low * high);
    if (variationOf(middle) > variation) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** Logarithm of the Gamma function for arguments above 0 (Lanczos, g = 7, 9 terms). */
function logGamma(x: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const shifted = x - 1;
  const sum = terms.reduce((total, term, index) => total + term / (shifted + index + 1), 0.9999999999998099);
  const t = shifted + terms.length - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}
