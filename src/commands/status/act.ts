import { type Campaign, PAUSED_BY_HAND } from '../../campaign/campaign.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Terminal } from '../../terminal.ts';
import type { StatusOptions } from '../status.ts';
import { retryRejected } from './retry-rejected.ts';

/** Does to a campaign what the options ask for, also while another process delivers it; false: there was nothing to do. */
export async function act(
  ledger: Ledger,
  campaign: Campaign,
  options: StatusOptions,
  terminal: Terminal,
): Promise<boolean> {
  const { id, state, slug, list } = campaign;
  const refuse = (verb: string) =>
    terminal.say(`${slug} to ${list} is ${state}: there is nothing to ${verb}.`);
  let done = true;
  if (options.resolve) {
    const count = await ledger.resolve(id, options.resolve, Date.now());
    const what =
      options.resolve === 'accept' ? 'counted as accepted' : 'queued again: run send to deliver them';
    terminal.say(`${count} uncertain ${what}.`);
  }
  if (options.retryRejected !== undefined)
    done = await retryRejected(ledger, campaign, options.retryRejected, terminal);
  if (options.pause)
    if (state === 'running') await ledger.setState(id, 'paused', PAUSED_BY_HAND);
    else refuse('pause');
  if (options.resume)
    if (state === 'paused') await ledger.setState(id, 'running', '');
    else refuse('resume');
  if (options.cancel)
    if (state === 'running' || state === 'paused')
      await ledger.setState(id, 'cancelled', 'cancelled by hand');
    else refuse('cancel');
  return done;
}
