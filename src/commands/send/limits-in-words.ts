import type { Newsletter, Rate } from '../../newsletter.ts';
import type { RelayOptions } from '../../transport/relays-of.ts';

/** `20/s, 5 connections`, and of several relays each by its name; then those of domains. */
export function limitsInWords(relays: readonly RelayOptions[], { limits }: Newsletter): string {
  const all = relays.map(({ name, weight, limits: own }) =>
    [
      relays.length > 1 && name,
      weight !== null && `weight ${weight}`,
      ...rateInWords(own),
      own.warmUp && `warm-up ${own.warmUp.days.slice(0, 3).join(', ')} … a day`,
      `${own.connections} connections`,
    ]
      .filter(Boolean)
      .join(', '),
  );
  const domains = Object.entries(limits.domains).map(
    ([domain, own]) =>
      `${domain === '*' ? 'each other domain' : domain} ${[...rateInWords(own), own.connections && `${own.connections} at once`].filter(Boolean).join(', ')}`,
  );
  return [...all, ...domains].join('; ');
}

function rateInWords(rate: Rate): (string | null)[] {
  return [
    rate.perSecond && `${rate.perSecond}/s`,
    rate.perMinute && `${rate.perMinute}/min`,
    rate.perHour && `${rate.perHour}/h`,
    rate.perDay && `${rate.perDay}/day`,
  ].map((words) => words || null);
}
