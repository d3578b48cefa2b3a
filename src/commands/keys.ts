import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Context } from '../cli.ts';
import { dkimRecords } from '../doctor/check-dkim.ts';
import { zoneLine } from '../doctor/dns-records.ts';
import { EXIT } from '../exit.ts';
import type { Newsletter } from '../newsletter.ts';

interface KeysOptions {
  readonly what: string;
  readonly ed25519?: boolean;
  /** Also what is set already: to change it. */
  readonly all?: boolean;
  readonly json?: boolean;
}

/**
 * `npm run keys -- new`: the secrets that are not set yet, as lines for `.env`: the link secret, the key of the ledger's
 * branch, the DKIM key with the records to publish. Writes no file.
 */
export default async function keys({ app, terminal }: Context, options: KeysOptions): Promise<number> {
  if (options.what !== 'new') {
    terminal.complain(`"${options.what}" is nothing that keys can do.`, 'npm run -s keys -- new >> .env');
    return EXIT.usage;
  }
  const { config } = app;
  const wanted = (set: unknown) => options.all === true || set === null;
  const linkSecret = wanted(config.linkSecret) ? randomBytes(32).toString('hex') : null;
  const ledgerKey = wanted(config.ledgerKey) ? randomBytes(32).toString('hex') : null;
  const dkim = wanted(config.dkimKey) ? newDkim(config.newsletter, options.ed25519 === true) : null;
  if (options.json)
    terminal.print(
      JSON.stringify({
        linkSecret,
        ledgerKey,
        dkimPrivateKey: dkim?.pem ?? null,
        dkim: dkim?.name ?? null,
        records: dkim?.records ?? [],
      }),
    );
  else {
    if (linkSecret) terminal.print(`LINK_SECRET=${linkSecret}`);
    if (ledgerKey) terminal.print(`LEDGER_KEY=${ledgerKey}`);
    if (dkim) terminal.print(`DKIM_PRIVATE_KEY="${dkim.pem.trim().replaceAll('\n', '\\n')}"`);
  }
  if (!linkSecret && !ledgerKey && !dkim) {
    terminal.say('LINK_SECRET, LEDGER_KEY and DKIM_PRIVATE_KEY are set, and stay: --all makes new ones.');
    return EXIT.ok;
  }
  terminal.say(
    'Keep these lines in .env or among the secrets of CI, nowhere else: who has them writes as you.',
  );
  if (dkim && config.newsletter.dkim === null)
    terminal.say(
      `Add to newsletter.config.ts: dkim: { domain: '${dkim.name.domain}', selector: '${dkim.name.selector}' }`,
    );
  if (dkim) terminal.say(`Publish, then look with npm run doctor:\n${dkim.records.map(zoneLine).join('\n')}`);
  if (linkSecret && config.linkSecret !== null)
    terminal.say(
      'What an older LINK_SECRET made, links, names in bounces and in suppressed.csv, stays good while it stands behind the new one: LINK_SECRET=NEW,OLD',
    );
  if (ledgerKey && config.ledgerKey !== null)
    terminal.say('The ledger on its branch can be read with the older LEDGER_KEY alone: keep that one.');
  return EXIT.ok;
}

function newDkim({ from, dkim }: Newsletter, ed25519: boolean) {
  const name = dkim ?? { domain: from.address.split('@').at(-1)!, selector: `s${new Date().getFullYear()}` };
  const made = [
    // 2,048 bits: RFC 8301 §3.2 wants them, and what is longer does not fit where DNS is kept by a form.
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    ...(ed25519 ? [generateKeyPairSync('ed25519').privateKey] : []),
  ];
  const pem = made.map((key) => key.export({ type: 'pkcs8', format: 'pem' })).join('');
  const records = dkimRecords(name, made).map((record) => ({
    name: record.name,
    type: 'TXT' as const,
    value: record.record,
    why: 'DKIM',
  }));
  return { name, pem, records };
}
