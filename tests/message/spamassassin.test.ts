import { generateKeyPairSync } from 'node:crypto';
import { basename } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareMessages } from '../../src/message/prepare-messages.ts';
import { senderOf } from '../../src/message/sender-of.ts';
import { askSpamd } from '../../src/transport/ask-spamd.ts';
import { newsletter } from '../email/sample.ts';
import { compileIssue } from '../look/compile-issue.ts';
import { realIssues } from '../support/shared.ts';
import { startSpamd } from '../support/spamd.ts';
import { bytesOf } from './letter.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimKey = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const reader = { address: 'ann@example.net', key: 'ann@example.net', fields: { name: 'Ann' } };

/** What the reader's own server writes on top. Addresses reserved for documentation would score by themselves. */
const TRACE = [
  'Return-Path: <news@example.com>',
  'Received: from mail.example.com (mail.example.com [9.9.9.10]) by mx.example.net with ESMTPS id 4ABC;',
  ' Tue, 20 Oct 2026 08:30:06 +0000',
].join('\r\n');

/** Compiled, stamped and signed as a live delivery is, as it arrives. */
async function delivered(name: string, publicUrl: string | null): Promise<Buffer> {
  const changes = { ...newsletter, publicUrl, dkim: { domain: 'example.com', selector: 's', exclude: [] } };
  const email = await compileIssue(name, changes);
  const sender = senderOf(changes, email, 'weekly', 'live');
  const secrets = { linkSecret: 'a secret of these tests', dkimKey };
  const stamp = prepareMessages(email, { id: 'c4mpa1gn', sender }, secrets);
  return Buffer.concat([
    Buffer.from(`${TRACE}\r\n`),
    bytesOf(stamp(reader, Date.UTC(2026, 9, 20, 8, 30, 5))),
  ]);
}

test('SpamAssassin scores no message above 0.0', async () => {
  const spamd = await startSpamd();
  if (!spamd) return;
  onTestFinished(() => spamd.close());
  const shared = realIssues().filter((path) => !path.includes('/issues/'));
  // One of each newsletter of the corpus: they differ in words and in habits.
  const corpus = [...Map.groupBy(shared, (path) => path.split('/').at(-2)).values()].map(([path]) => path!);
  const issues = ['hello', 'specimen', ...corpus];
  const letters = issues.map((name) => ({ name, publicUrl: 'https://letters.example.com' as string | null }));
  letters.push({ name: 'hello', publicUrl: null });
  const scored: { score: number; line: string }[] = [];
  for (const { name, publicUrl } of letters) {
    const report = await askSpamd(spamd, await delivered(name, publicUrl));
    if ('fault' in report) throw new Error(report.fault);
    const rules = report.rules.map(({ points, name: rule }) => `${rule} ${points}`).join(', ');
    const line = `${report.score}  ${basename(name)}${publicUrl ? '' : ', only a mailto to leave'}: ${rules}`;
    scored.push({ score: report.score, line });
  }
  console.log(`SpamAssassin says:\n${scored.map(({ line }) => `  ${line}`).join('\n')}`);
  expect(scored.filter(({ score }) => score > 0).map(({ line }) => line)).toEqual([]);
}, 180_000);
