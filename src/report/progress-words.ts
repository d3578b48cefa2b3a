import { duration, number } from './in-words.ts';
import type { Reading } from './meter.ts';

/** The parts of a line about a delivery, the most important first. `left`: ms until it is done; null: nobody knows. */
export function progressWords(reading: Reading, left: number | null): string[] {
  const { accepted, rateNow, rateMean, slowest } = reading;
  const troubles = (['deferred', 'rejected', 'uncertain'] as const).filter((name) => reading[name] > 0);
  return [
    `${number(accepted)} accepted`,
    ...troubles.map((name) => `${number(reading[name])} ${name}`),
    `${rate(rateNow)}/s`,
    ...(left === null ? [] : [`${duration(left)} left`]),
    `mean ${rate(rateMean)}/s`,
    ...(slowest.length === 0
      ? []
      : [`slow: ${slowest.map(({ domain, took }) => `${domain} ${duration(took)}`).join(', ')}`]),
  ];
}

/** As many of the parts as fit into a width, the first always. */
export function fitted(parts: readonly string[], width: number): string {
  return parts.reduce((line, part) => (line.length + 2 + part.length <= width ? `${line}, ${part}` : line));
}

function rate(value: number): string {
  return value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1);
}
