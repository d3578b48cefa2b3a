import type { Campaign, Delivery } from '../../campaign/campaign.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { groupReplies } from '../../report/group-replies.ts';
import { number } from '../../report/in-words.ts';
import type { Terminal } from '../../terminal.ts';
import { replyLine } from './show.ts';

/**
 * Queues who was rejected for a reason again; false when nobody was. The reason is a code (`550`), an enhanced code or
 * the beginning of one (`5.7.1`, `5.7`), words of the reply, or `all`.
 */
export async function retryRejected(
  ledger: Ledger,
  { id, slug, list, state }: Campaign,
  reason: string,
  terminal: Terminal,
): Promise<boolean> {
  const name = `${slug} to ${list}`;
  if (state === 'cancelled') {
    terminal.complain(`${name} is cancelled: nobody of it is tried again.`);
    return false;
  }
  let [matching, queued] = [0, 0];
  for (let after = 0; ; ) {
    const page = await ledger.deliveries(id, ['rejected'], after);
    if (page.length === 0) break;
    after = page.at(-1)!.id;
    const meant = page.filter((delivery) => isMeant(delivery, reason)).map((delivery) => delivery.id);
    matching += meant.length;
    if (meant.length > 0) queued += await ledger.retry(id, meant, Date.now());
  }
  if (matching === 0) {
    const replies = groupReplies((await ledger.replies(id)).filter((reply) => reply.state === 'rejected'));
    const known = replies.slice(0, 10).map((reply) => `\n      ${replyLine(reply)}`);
    terminal.complain(
      `Nobody of ${name} was rejected with "${reason}".`,
      known.length > 0 ? `They were rejected with:${known.join('')}` : 'Nobody was rejected at all.',
    );
    return false;
  }
  const stay = matching - queued;
  const suppressed = stay > 0 ? ` Suppressed, and left as they are: ${number(stay)}.` : '';
  if (queued > 0)
    terminal.say(`${number(queued)} rejected queued again: run send to deliver them.${suppressed}`);
  else terminal.complain(`Nobody of ${name} is queued again.${suppressed}`);
  return queued > 0;
}

/** Is this why she was rejected? */
export function isMeant({ code, enhanced, reply }: Delivery, reason: string): boolean {
  if (reason === 'all') return true;
  if (/^[2-5]\d\d$/.test(reason)) return code === Number(reason);
  if (/^[245]\.\d{1,3}(?:\.\d{1,3})?$/.test(reason)) return `${enhanced ?? ''}.`.startsWith(`${reason}.`);
  return reply.toLowerCase().includes(reason.toLowerCase());
}
