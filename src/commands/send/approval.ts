import type { Sender } from '../../campaign/campaign.ts';
import { differences, digestOfParts, partsOf, type Receipt } from '../../campaign/receipt.ts';
import type { Context } from '../../cli.ts';
import type { Email } from '../../email/email.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { senderOf } from '../../message/sender-of.ts';
import { gitHead } from '../../project/git-head.ts';
import type { SendOptions } from '../send.ts';
import { instant } from './show-schedule.ts';
import { withLedger } from './with-ledger.ts';

/** Records that an email to a list was seen as it is now. */
export async function leaveReceipt(
  { app, terminal }: Context,
  ledger: Ledger,
  email: Email,
  sender: Sender,
  how: Receipt['how'],
): Promise<void> {
  const parts = partsOf(email, sender);
  const { commit, who } = await gitHead(app.config.root);
  const digest = digestOfParts(parts);
  await ledger.leaveReceipt({
    slug: email.slug,
    digest,
    parts,
    how,
    who: app.config.actor ?? who ?? 'somebody',
    commit,
    at: Date.now(),
  });
  terminal.say(
    `A receipt is kept: ${email.slug} as it is now (${digest.slice(0, 12)}) may be sent to ${sender.listName}.`,
  );
}

/** Whether a live send of it may begin; else says what differs from what was seen last. */
export async function isApproved(
  { app, terminal }: Context,
  ledger: Ledger,
  email: Email,
  sender: Sender,
): Promise<boolean> {
  if (app.config.approval === 'none') return true;
  const parts = partsOf(email, sender);
  const digest = digestOfParts(parts);
  const receipts = await ledger.receipts(email.slug);
  if (receipts.some((receipt) => receipt.digest === digest)) return true;
  const last = receipts.at(-1);
  const todo = `Send a test again (npm run send -- --test ${email.slug}), or: npm run send -- ${email.slug} --approve`;
  if (!last)
    terminal.complain(
      `Nobody has seen ${email.slug} yet: there is no receipt of a test-send, so it is not sent.`,
      todo,
    );
  else {
    const commit = last.commit ? ` at commit ${last.commit.slice(0, 12)}` : '';
    terminal.complain(
      `${email.slug} is not what ${last.who} ${last.how === 'test' ? 'tested' : 'approved'} on ${instant(last.at)}${commit}, so it is not sent:\n` +
        differences(last.parts, parts)
          .map((line) => `        ${line}`)
          .join('\n'),
      todo,
    );
  }
  return false;
}

/** `npm run send -- ISSUE --approve`: records by hand what a test-send records. */
export async function approveByHand(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
): Promise<number> {
  const { newsletter } = context.app.config;
  const sender = senderOf(newsletter, email, options.list ?? issue.list ?? newsletter.list, 'live');
  return withLedger(context, { ...options, inbox: false, dryRun: false }, async (ledger) => {
    await leaveReceipt(context, ledger, email, sender, 'hand');
    return EXIT.ok;
  });
}
