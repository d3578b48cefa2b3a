import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { App } from '../../app.ts';
import type { Subscriber } from '../../audience/audience.ts';
import { normaliseAddress } from '../../audience/normalise-address.ts';
import { readList } from '../../audience/read-list.ts';
import { isAmong, targetOf } from '../../audience/target.ts';
import { checkFields } from '../../check/check-fields.ts';
import { type Coverage, openCoverage } from '../../check/coverage.ts';
import { inOrder } from '../../check/in-order.ts';
import { isPrivateHost } from '../../check/private-host.ts';
import { silenced } from '../../check/silenced.ts';
import { unpackEmail } from '../../email/pack-email.ts';
import { sendTests } from '../../engine/send-tests.ts';
import { parseIssue } from '../../issue/parse-issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { holeValue } from '../../message/hole-value.ts';
import { prepareMessages } from '../../message/prepare-messages.ts';
import { readerLinks } from '../../message/reader-links.ts';
import { senderOf } from '../../message/sender-of.ts';
import type { Answer, PreviewPorts } from '../../preview/ports.ts';
import { fileAt, revisionsOf } from '../../project/git-history.ts';
import { askSpamd } from '../../transport/ask-spamd.ts';
import { inboxNames, readInboxMessage } from '../../transport/inbox.ts';
import { probeLink } from '../../transport/probe-link.ts';

/** Hands the preview what it needs of an app. */
export function portsOf(app: App): PreviewPorts {
  const { newsletter, linkSecret, dkimKey, spamd, smtpUrls, root } = app.config;
  const inboxFolder = app.state('inbox');
  const senderFor = (email: Parameters<PreviewPorts['value']>[0], list: string) =>
    senderOf(newsletter, email, list, 'test');
  const stampFor = (email: Parameters<PreviewPorts['value']>[0], list: string, id: string) =>
    prepareMessages(email, { id, sender: senderFor(email, list) }, { linkSecret, dkimKey });
  const withLedger = async <T>(none: T, ask: (ledger: Ledger) => Promise<T>): Promise<T> => {
    // A ledger on a branch would be fetched at every look.
    if (app.config.ledger === 'git' || !app.hasLedger()) return none;
    // One that cannot be read is for `status` to explain; the preview does without.
    const ledger = await app.openLedger({ create: false, readOnly: true }).catch(() => null);
    if (!ledger) return none;
    return ask(ledger).finally(() => ledger.close());
  };

  return {
    newsletter,
    issues: () => app.project.issues(),
    async render(found) {
      const rendered = await app.render(found);
      if (!rendered.email || !rendered.issue) return rendered;
      const { fields } = rendered.email;
      const uncovered = checkFields(
        fields,
        await coverageOf(app, rendered.issue.list ?? newsletter.list, fields),
      );
      const heard = silenced(uncovered, rendered.issue, newsletter);
      return { ...rendered, findings: inOrder([...rendered.findings, ...heard]) };
    },
    readers: (name, query, limit) => readersOf(app, name, query, limit),
    sent: () => withLedger(new Map(), sentSoFar),
    value(email, list, reader) {
      const links = readerLinks(senderFor(email, list), { key: reader.key }, linkSecret);
      const fields = { email: reader.address, ...reader.fields };
      return (name) => holeValue(name, fields, links);
    },
    message: (email, list, reader) =>
      Buffer.concat(stampFor(email, list, 'preview')(reader, Date.now()).content),
    inbox: { names: () => inboxNames(inboxFolder), read: (name) => readInboxMessage(inboxFolder, name) },
    async earlier({ issue, path }) {
      const sent = await withLedger([], async (ledger) => ledger.campaigns(issue?.slug ?? ''));
      const commits = await revisionsOf(root, path);
      return [
        ...sent.toReversed().map(({ id, createdAt, list }) => ({
          id: `sent:${id}`,
          label: `as sent to ${list}, ${new Date(createdAt).toISOString().slice(0, 10)}`,
        })),
        ...commits.map(({ hash, label }) => ({ id: `git:${hash}`, label })),
      ];
    },
    async earlierEmail({ path }, id) {
      const name = id.slice(id.indexOf(':') + 1);
      if (id.startsWith('sent:'))
        return withLedger(null, async (ledger) => unpackEmail(await ledger.email(name)));
      const bytes = await fileAt(root, path, name);
      return bytes && (await app.render({ ...parseIssue(path, bytes), path })).email;
    },
    async sendTest(email, list, to) {
      const address = normaliseAddress(to);
      if ('fault' in address) return { good: false, lines: [`"${to}" is no address: ${address.fault}.`] };
      const toInbox = smtpUrls.length === 0;
      const opened = await app.openTransport(toInbox);
      try {
        const lines: string[] = [];
        let good = true;
        const [reader] = await readersOf(app, list, address.address, 1);
        const stamp = stampFor(email, list, `test-${randomBytes(6).toString('hex')}`);
        const recipients = [{ ...address, fields: reader?.fields ?? {} }];
        for await (const result of sendTests({
          ...opened,
          stamp,
          recipients,
          now: Date.now,
          signal: new AbortController().signal,
        })) {
          good &&= result.outcome === 'accepted';
          lines.push(
            `${result.outcome} by ${opened.name}: ${result.reply}`,
            `Message-ID ${result.messageId ?? 'none'}`,
          );
        }
        if (toInbox) lines.push('No SMTP_URL is set: it is in the inbox here.');
        return { good, lines };
      } finally {
        await opened.close();
      }
    },
    probe: (href) => probeLink(href, isPrivateHost),
    spam: spamd && (async (message) => spamAnswer(await askSpamd(spamd, message))),
    axe: () => readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8'),
  };
}

/** So many rows tell what a list's readers lack; a million would be read at every save. */
const SAMPLE = 5000;

async function coverageOf(
  { project, config }: App,
  name: string,
  uses: readonly { readonly field: string }[],
): Promise<Coverage> {
  const { add, coverage } = openCoverage(uses);
  const target = targetOf(config.newsletter, name);
  const list = await project.list(target.list);
  if ('findings' in list || uses.length === 0) return coverage();
  let rows = 0;
  for await (const row of readList(list.path, list.chunks())) {
    if (!('subscriber' in row) || !isAmong(target.where, row.subscriber)) continue;
    add(row.subscriber, row.line);
    rows += 1;
    if (rows >= SAMPLE) break;
  }
  return coverage();
}

async function readersOf(
  { project, config }: App,
  name: string,
  query: string,
  limit: number,
): Promise<Subscriber[]> {
  const target = targetOf(config.newsletter, name);
  const list = await project.list(target.list);
  const found: Subscriber[] = [];
  if ('findings' in list) return found;
  const wanted = query.toLowerCase();
  for await (const row of readList(list.path, list.chunks())) {
    if (!('subscriber' in row) || !isAmong(target.where, row.subscriber)) continue;
    const { address, fields } = row.subscriber;
    if ([address, ...Object.values(fields)].some((text) => text.toLowerCase().includes(wanted)))
      found.push(row.subscriber);
    if (found.length >= limit) break;
  }
  return found;
}

/** What the ledger says of each issue's latest campaign, in a few words. */
async function sentSoFar(ledger: Ledger): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const { id, slug, state } of await ledger.campaigns()) {
    const counts = await ledger.counts(id);
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const number = (count: number) => count.toLocaleString('en');
    const going =
      state === 'running' ? `sending ${Math.floor((counts.accepted / Math.max(all, 1)) * 100)} %` : state;
    said.set(slug, state === 'finished' ? `accepted ${number(counts.accepted)} of ${number(all)}` : going);
  }
  return said;
}

function spamAnswer(report: Awaited<ReturnType<typeof askSpamd>>): Answer {
  if ('fault' in report) return { good: false, lines: [`${report.fault}.`] };
  const rules = report.rules
    .toSorted((one, other) => other.points - one.points)
    .map(({ points, name, about }) => `${points > 0 ? '+' : ''}${points} ${name}: ${about}`);
  return {
    good: report.score < report.threshold,
    lines: [`SpamAssassin gives ${report.score} points; ${report.threshold} are spam.`, ...rules],
  };
}
