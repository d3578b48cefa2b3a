import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSuppressed } from '../../src/audience/suppressed-file.ts';
import { openBranchLedger } from '../../src/ledger-branch/open-branch-ledger.ts';
import { git, KEY } from '../ledger-branch/clones.ts';
import { runWorkflow, thisProject } from '../workflows/run-workflow.ts';
import { startImapServer } from './imap-server.ts';
import { READERS } from './newsletter-project.ts';
import { recordCampaign } from './open-intake.ts';
import { SECRET } from './written.ts';

const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`./fixtures/${name}.eml`, import.meta.url)));

const CONFIG = `export default ${JSON.stringify({
  name: 'The Broadside',
  from: 'news@news.example.com',
  unsubscribeMailto: 'leave@news.example.com',
  bounceAddress: 'bounce@news.example.com',
})};\n`;

/** A repository whose ledger, on its branch, tells of an issue that went to the readers of the fixtures. */
async function repository() {
  const here = thisProject({ 'newsletter.config.ts': CONFIG });
  const options = { secret: KEY, batch: 10, create: true, readOnly: false };
  const ledger = await openBranchLedger({ ...options, root: here.clone() });
  await recordCampaign(ledger, READERS);
  await ledger.close();
  const suppressed = async () => {
    const kept = await openBranchLedger({ ...options, create: false, readOnly: true, root: here.clone() });
    const found = Object.fromEntries(await kept.suppressions('weekly'));
    await kept.close();
    return found;
  };
  return { here, suppressed };
}

const secrets = (mailbox: string) => ({
  'secrets.LEDGER_KEY': KEY,
  'secrets.LINK_SECRET': SECRET,
  'secrets.BOUNCE_MAILBOX': mailbox,
  'github.ref_name': 'main',
});

test('a newsletter without a server: CI reads the mailbox, and the repository remembers', async () => {
  const imap = await startImapServer([fixture('postfix-gone'), fixture('exim-full')]);
  const { here, suppressed } = await repository();
  const first = await runWorkflow('bounces.yml', here.clone(), secrets(imap.url));
  expect(first.code, first.log).toBe(0);
  expect(await suppressed()).toEqual({ 'gone@reader.example.org': 'bounced' });
  expect(imap.messages.every(({ flags }) => flags.has('\\Seen'))).toBe(true);
  const committed = (path: string) => git(here.origin, ['show', `main:subscribers/${path}`]);
  const reason = readSuppressed(committed('suppressed.csv'), [SECRET], 'weekly');
  expect(READERS.map(reason)).toEqual(['bounced', null, null, null, null]);
  expect(committed('suppressed.csv')).not.toContain('@');

  // Nothing new: nothing is committed.
  const before = git(here.origin, ['rev-parse', 'main']);
  const second = await runWorkflow('bounces.yml', here.clone(), secrets(imap.url));
  expect(second.code, second.log).toBe(0);
  expect(git(here.origin, ['rev-parse', 'main'])).toBe(before);
}, 240_000);

test('a push by somebody else meanwhile is laid below', async () => {
  const imap = await startImapServer([fixture('postfix-gone')]);
  const { here } = await repository();
  const checkout = here.clone();
  here.commit({ 'issues/new.md': '# New\n' }, 'Somebody writes');
  const ran = await runWorkflow('bounces.yml', checkout, secrets(imap.url));
  expect(ran.code, ran.log).toBe(0);
  expect(git(here.origin, ['show', 'main:issues/new.md'])).toBe('# New');
  expect(git(here.origin, ['show', 'main:subscribers/suppressed.csv'])).toContain('bounced');
}, 240_000);

test('a bounce whose suppression could not be pushed stays unread', async () => {
  const imap = await startImapServer([fixture('postfix-gone')]);
  const { here, suppressed } = await repository();
  // The remote takes no push after the one that says who has the ledger.
  const hook = join(here.origin, 'hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\nif [ -f pushed ]; then exit 1; fi\ntouch pushed\n', { mode: 0o755 });
  const ran = await runWorkflow('bounces.yml', here.clone(), secrets(imap.url));
  expect(ran.log).toContain('The mailbox was not read this time');
  expect(imap.messages.some(({ flags }) => flags.has('\\Seen'))).toBe(false);
  expect(await suppressed()).toEqual({});
}, 240_000);
