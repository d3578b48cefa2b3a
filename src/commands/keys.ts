import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Context } from '../cli.ts';
import { dkimRecords } from '../doctor/check-dkim.ts';
import { zoneLine } from '../doctor/dns-records.ts';
import { EXIT } from '../exit.ts';

interface KeysOptions {
  readonly what: string;
  readonly ed25519?: boolean;
  readonly json?: boolean;
}

/** `npm run keys -- new`: a DKIM key and a link secret, as lines for `.env`, and the record to publish. Writes no file. */
export default async function keys({ app, terminal }: Context, options: KeysOptions): Promise<number> {
  if (options.what !== 'new') {
    terminal.complain(`"${options.what}" is nothing that keys can do.`, 'npm run -s keys -- new >> .env');
    return EXIT.usage;
  }
  const { from, dkim } = app.config.newsletter;
  const name = dkim ?? { domain: from.address.split('@').at(-1)!, selector: `s${new Date().getFullYear()}` };
  const made = [
    // 2,048 bits: RFC 8301 §3.2 wants them, and what is longer does not fit where DNS is kept by a form.
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    ...(options.ed25519 ? [generateKeyPairSync('ed25519').privateKey] : []),
  ];
  const pem = made.map((key) => key.export({ type: 'pkcs8', format: 'pem' })).join('');
  const linkSecret = randomBytes(32).toString('hex');
  const records = dkimRecords(name, made).map((record) => ({
    name: record.name,
    type: 'TXT' as const,
    value: record.record,
    why: 'DKIM',
  }));
  if (options.json) terminal.print(JSON.stringify({ linkSecret, dkimPrivateKey: pem, dkim: name, records }));
  else terminal.print(`LINK_SECRET=${linkSecret}\nDKIM_PRIVATE_KEY="${pem.trim().replaceAll('\n', '\\n')}"`);
  terminal.say(
    'Keep the two lines in .env or among the secrets of CI, nowhere else: who has them writes as you.',
  );
  if (dkim === null)
    terminal.say(
      `Add to newsletter.config.ts: dkim: { domain: '${name.domain}', selector: '${name.selector}' }`,
    );
  terminal.say(`Publish, then look with npm run doctor:\n${records.map(zoneLine).join('\n')}`);
  terminal.say(
    'What an older LINK_SECRET made, links, names in bounces and in suppressed.csv, stays good while it stands behind the new one: LINK_SECRET=NEW,OLD',
  );
  return EXIT.ok;
}
