import type { Probe } from './probe-link.ts';

const AT_ONCE = 8;

/**
 * Asks for many web addresses, each once, eight at a time and never two of one host: a newsletter's links go to few
 * sites, and a burst is what sites refuse. `onAnswer` is called after each. Once `signal` is aborted nothing more is
 * asked, and what was under way is not among the answers: it was not given its time.
 */
export async function probeLinks(
  addresses: Iterable<string>,
  probe: (address: string) => Promise<Probe>,
  onAnswer: () => void,
  signal: AbortSignal,
): Promise<Map<string, Probe>> {
  const answers = new Map<string, Probe>();
  const byHost = Map.groupBy(new Set(addresses), (address) => new URL(address).hostname);
  // The longest first, so that none is left to go on alone at the end.
  const hosts = [...byHost.values()].sort((one, other) => other.length - one.length);
  async function lane(): Promise<void> {
    for (let host = hosts.shift(); host; host = hosts.shift())
      for (const address of host) {
        if (signal.aborted) return;
        const answer = await probe(address);
        if (signal.aborted) return;
        answers.set(address, answer);
        onAnswer();
      }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return answers;
}
