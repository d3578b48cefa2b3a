import type { App } from '../app.ts';
import { linkSigner } from '../audience/links.ts';
import type { Context } from '../cli.ts';
import type { Config } from '../config.ts';
import type { LedgerHealth } from '../doctor/check-ledger.ts';
import { diagnose, type Setup } from '../doctor/diagnose.ts';
import type { Diagnosis, Verdict } from '../doctor/diagnosis.ts';
import { type DnsRecord, dnsRecords, zoneLine } from '../doctor/dns-records.ts';
import { addressesOf, type LookUp } from '../doctor/look-up.ts';
import { PROVIDERS, providerRules, SOURCES } from '../doctor/provider-rules.ts';
import { EXIT } from '../exit.ts';
import { LedgerError } from '../ledger/ledger.ts';
import { readDkimKeys } from '../message/dkim-keys.ts';
import type { Terminal } from '../terminal.ts';
import { parseSmtpUrl, type SmtpRelay } from '../transport/parse-smtp-url.ts';
import { probeRelay } from '../transport/probe-relay.ts';
import { postOneClick } from './doctor/post-one-click.ts';
import { openResolver } from './doctor/resolver.ts';
import { sendProbe } from './doctor/send-probe.ts';

interface DoctorOptions {
  /** HOST:PORT of a DNS server. */
  readonly dns?: string;
  readonly records?: boolean;
  /** Sends one message there, and reads what its receiver made of it. */
  readonly to?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `npm run doctor`: would a send be accepted, and what is to be done where not? Sends nothing without `--to`. */
export default async function doctor(context: Context, options: DoctorOptions): Promise<number> {
  const { app, terminal } = context;
  const { config } = app;
  if (options.dns !== undefined && !/^(?:[\d.]+|\[[\da-f:]+\])(?::\d{1,5})?$/i.test(options.dns)) {
    terminal.complain(`--dns: "${options.dns}" is no address of a server.`, 'Write it like 127.0.0.1:53');
    return EXIT.usage;
  }
  const lookUp = openResolver(options.dns ?? null);
  const relays = relaysOf(config);
  const keys = keysOf(config);
  if (options.records) {
    const records = await recordsFor(config, relays, keys, lookUp);
    if (options.json) terminal.print(JSON.stringify(records));
    else for (const record of records) terminal.print(`; ${record.why}\n${zoneLine(record)}`);
    return EXIT.ok;
  }
  const setup: Setup = {
    newsletter: config.newsletter,
    relays,
    keys,
    hasLinkSecret: config.linkSecret !== null,
    hasBounceMailbox: config.bounceMailbox !== null,
    hasWebhooks: Object.values(config.webhooks).some((secret) => secret !== null),
    ledger: await ledgerOf(app),
  };
  const seen = await diagnose(setup, {
    lookUp,
    probe: (relay) => probeRelay(relay as SmtpRelay),
    post: async () => {
      const url = oneClickUrl(config);
      return url === null ? null : postOneClick(url);
    },
    now: Date.now,
  });
  const told = options.to === undefined ? [] : await sendProbe(context, options.to);
  // What a receiver found is worth more than what could not be seen from here.
  const diagnoses = [
    ...seen.filter(({ check, verdict }) => verdict !== 'unknown' || told.every((one) => one.check !== check)),
    ...told,
  ];
  const rules = providerRules(diagnoses);
  if (options.json) terminal.print(JSON.stringify({ diagnoses, rules, sources: SOURCES }));
  else show(terminal, diagnoses, rules, options.quiet === true);
  return diagnoses.some(({ verdict }) => verdict === 'fail') ? EXIT.findings : EXIT.ok;
}

function relaysOf({ smtpUrls, smtpOauth }: Config): SmtpRelay[] {
  return smtpUrls.flatMap((url) => {
    const relay = parseSmtpUrl(url, smtpOauth);
    return 'host' in relay ? [relay] : [];
  });
}

/** What is to be published, with what is published taken into account. */
async function recordsFor(
  { newsletter }: Config,
  relays: readonly SmtpRelay[],
  keys: Setup['keys'],
  lookUp: LookUp,
): Promise<DnsRecord[]> {
  const from = domainOf(newsletter.from.address);
  const envelope = domainOf(newsletter.bounceAddress ?? newsletter.from.address);
  const one = async (name: string, wanted: RegExp) =>
    (await lookUp(name, 'TXT')).records.find((record) => wanted.test(record)) ?? null;
  return dnsRecords({
    from,
    envelope,
    relays: await Promise.all(
      relays.map(async ({ host }) => ({ host, ips: (await addressesOf(host, lookUp)).records })),
    ),
    dkim: newsletter.dkim,
    keys,
    published: {
      spf: await one(envelope, /^v=spf1(?:\s|$)/i),
      dmarc: await one(`_dmarc.${from}`, /^v\s*=\s*DMARC1/),
    },
  });
}

function keysOf({ dkimKey }: Config): Setup['keys'] {
  const keys = dkimKey === null ? [] : readDkimKeys(dkimKey);
  return 'fault' in keys ? [] : keys;
}

/** The link of a test: it changes nothing, whoever answers it. */
function oneClickUrl({ newsletter, linkSecret }: Config): string | null {
  if (newsletter.publicUrl === null || linkSecret === null) return null;
  const owner = { list: newsletter.list, key: newsletter.from.address.toLowerCase() };
  const token = linkSigner(linkSecret, owner)({ purpose: 'test', action: 'unsubscribe', row: 0 });
  return `${newsletter.publicUrl}/u/${token}`;
}

/** Counts every campaign, which the ledger refuses to do when the sum is wrong. */
async function ledgerOf({ config, hasLedger, openLedger, project }: App): Promise<LedgerHealth> {
  const place =
    config.databaseUrl !== null ? 'in PostgreSQL' : config.ledger === 'git' ? 'on its branch' : 'a file';
  const health = { place, fault: null, campaigns: 0, accepted: 0, uncertain: 0, complaints: 0 };
  if (!hasLedger()) return health;
  try {
    const ledger = await openLedger({ create: false, readOnly: true });
    try {
      const campaigns = await ledger.campaigns();
      let [accepted, uncertain] = [0, 0];
      for (const { id } of campaigns) {
        const counts = await ledger.counts(id);
        accepted += counts.accepted;
        uncertain += counts.uncertain;
      }
      const complained = new Set<string>();
      for (const list of new Set([...(await project.lists()), ...campaigns.map((campaign) => campaign.list)]))
        for (const [key, reason] of await ledger.suppressions(list))
          if (reason === 'complained') complained.add(key);
      return { ...health, campaigns: campaigns.length, accepted, uncertain, complaints: complained.size };
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (error instanceof LedgerError) return { ...health, fault: error.message };
    throw error;
  }
}

const COLOURS = { pass: 'green', fail: 'red', advice: 'yellow', unknown: 'cyan' } as const;

function show(
  terminal: Terminal,
  diagnoses: readonly Diagnosis[],
  rules: ReturnType<typeof providerRules>,
  quiet: boolean,
): void {
  const mark = (verdict: Verdict) => terminal.paint(COLOURS[verdict], verdict.padEnd(7));
  for (const { check, verdict, says, mend, source } of diagnoses) {
    if (quiet && verdict !== 'fail') continue;
    terminal.insist(
      `${mark(verdict)} ${check.padEnd(11)} ${says}${source && verdict !== 'pass' ? ` [${source}]` : ''}`,
    );
    if (mend) terminal.insist(`${' '.repeat(20)}${terminal.paint('dim', mend)}`);
  }
  terminal.say(
    `\n${' '.repeat(8)}${'asked of senders by'.padEnd(38)}${PROVIDERS.map((name) => name.padEnd(10)).join('')}`,
  );
  for (const { rule, asked, verdict } of rules)
    terminal.say(
      `${mark(verdict)} ${rule.padEnd(38)}${PROVIDERS.map((name) => ASKED[asked[name]].padEnd(10)).join('')}`,
    );
  terminal.say(PROVIDERS.map((name) => `        ${name}: ${SOURCES[name]}`).join('\n'));
}

const ASKED = { all: 'always', bulk: '5,000+', no: '' } as const;

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
