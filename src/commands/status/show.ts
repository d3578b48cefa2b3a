import type { Campaign, Counts, Delivery, ReplyCount } from '../../campaign/campaign.ts';
import { groupReplies } from '../../report/group-replies.ts';
import { number } from '../../report/in-words.ts';
import type { Terminal } from '../../terminal.ts';

/** What is known of a campaign. */
export interface Standing {
  readonly campaign: Campaign;
  readonly counts: Counts;
  readonly replies: readonly ReplyCount[];
  /** Who was rejected or is uncertain: the first of them. */
  readonly troubled: readonly Delivery[];
  readonly nextDue: number | null;
}

/** So many replies and readers are named; the rest is counted. */
const NAMED = 20;

/** One campaign for a person: how it stands, what servers said, who had trouble, and the next command. */
export function show(terminal: Terminal, { campaign, counts, replies, troubled, nextDue }: Standing): void {
  const { slug, list, state, reason, createdAt } = campaign;
  // Nothing is in flight: whoever sent it has ended, or waits for deferred readers.
  const idle = state === 'running' && counts.claimed + counts.sending === 0 && counts.queued > 0;
  const waits = nextDue !== null && nextDue > Date.now();
  const next = waits ? `waiting until ${minute(nextDue)}` : 'stopped';
  terminal.print(
    `${slug} to ${list}, begun ${minute(createdAt)}: ${idle ? next : state}${reason ? ` (${reason})` : ''}`,
  );
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  const deferred = replies.filter((one) => one.state === 'queued').reduce((sum, one) => sum + one.count, 0);
  terminal.print(
    `  ${said.map(([name, count]) => `${number(count)} ${name}`).join(', ')}${deferred > 0 ? `; ${number(deferred)} of the queued were deferred` : ''}`,
  );
  const groups = groupReplies(replies);
  // One code for all who were accepted, and nothing else: there is nothing to tell.
  if (groups.length > 1 || groups.some((one) => one.state !== 'accepted'))
    for (const line of shortened(
      groups.map((one) => `  ${replyLine(one)}`),
      '  … and %n other replies',
    ))
      terminal.print(line);
  const trouble = counts.rejected + counts.uncertain;
  for (const delivery of troubled.slice(0, NAMED))
    terminal.print(
      `  ${delivery.state} ${delivery.address}  ${delivery.code || ''} ${delivery.reply}`.trimEnd(),
    );
  if (trouble > NAMED)
    terminal.say(`  … and ${number(trouble - NAMED)} more: npm run -s status -- ${slug} --csv`);
  if (counts.uncertain > 0)
    terminal.say(
      '  Uncertain: the connection was lost before the reply; they may have it or not. Decide with\n' +
        `  npm run status -- ${slug} --resolve resend   or   --resolve accept`,
    );
  if (state === 'paused' || (state === 'running' && counts.queued > 0))
    terminal.say(`  Go on with: npm run send -- ${slug} --list ${list}`);
}

/** `    12  rejected   550 5.1.1 <…>: User unknown`. */
export function replyLine({ state, code, enhanced, reply, count }: ReplyCount): string {
  const words = enhanced && !reply.startsWith(enhanced) ? `${enhanced} ${reply}` : reply;
  const name = state === 'queued' ? 'deferred' : state;
  return `${number(count).padStart(9)}  ${name.padEnd(9)}  ${code || ''} ${words}`.trimEnd();
}

function shortened(lines: readonly string[], rest: string): string[] {
  if (lines.length <= NAMED) return [...lines];
  return [...lines.slice(0, NAMED), rest.replace('%n', number(lines.length - NAMED))];
}

function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
