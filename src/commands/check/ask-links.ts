import { brokenLinks, isRefusal, type WebLink } from '../../check/broken-links.ts';
import { isPrivateHost } from '../../check/private-host.ts';
import type { Context } from '../../cli.ts';
import type { Finding } from '../../finding.ts';
import { probeLink } from '../../transport/probe-link.ts';
import { probeLinks } from '../../transport/probe-links.ts';
import { openProgress } from './open-progress.ts';

/** Asks the web for the address of each link, each once, and says how many could be judged. An interruption ends it. */
export async function askLinks(
  { terminal, signal }: Context,
  links: readonly WebLink[],
  quiet: boolean,
): Promise<Finding[]> {
  const addresses = new Set(links.map(({ address }) => address));
  const progress = openProgress(terminal, 'links asked', addresses.size, {
    quiet,
    isTerminal: process.stderr.isTTY === true,
  });
  const answers = await probeLinks(
    addresses,
    (address) => probeLink(address, isPrivateHost, signal),
    progress.step,
    signal,
  ).finally(progress.close);
  const all = [...answers.values()];
  const works = all.filter((answer) => answer.works).length;
  const refused = all.filter(isRefusal).length;
  const doubtful = refused > 0 ? `; ${refused} do not answer programs: look at them yourself` : '';
  terminal.say(`Addresses on the web: ${works} of ${all.length} work${doubtful}`);
  return brokenLinks(links, answers);
}
