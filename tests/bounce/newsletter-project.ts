import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';
import { recordCampaign } from './open-intake.ts';
import { SECRET } from './written.ts';

/** The readers of the fixtures. */
export const READERS = ['gone', 'full', 'spam', 'slow', 'bare'].map((who) => `${who}@reader.example.org`);

/** A newsletter that has sent an issue to these readers; its maildir is `mail`, unless another mailbox is named. */
export async function newsletterProject(mailbox = 'mail'): Promise<TemporaryProject> {
  const project = temporaryProject(
    { '.env': `LINK_SECRET="${SECRET}"\nBOUNCE_MAILBOX="${mailbox}"\n` },
    { bounceAddress: 'bounce@news.example.com' },
  );
  for (const place of ['new', 'cur', 'tmp'])
    mkdirSync(join(project.root, 'mail', place), { recursive: true });
  const ledger = await openLedger(join(project.root, '.broadsheet/ledger.sqlite'));
  await recordCampaign(ledger, READERS);
  await ledger.close();
  return project;
}

/** Why readers of the list `weekly` are not mailed, by the ledger. */
export async function suppressions(project: TemporaryProject): Promise<Record<string, string>> {
  const ledger = await openLedger(join(project.root, '.broadsheet/ledger.sqlite'));
  const found = Object.fromEntries(await ledger.suppressions('weekly'));
  await ledger.close();
  return found;
}
