import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Campaign } from '../../src/campaign/campaign.ts';
import { type DeliverReport, deliver } from '../../src/engine/deliver.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp } from '../../src/transport/smtp.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { messageTo } from '../transport/message-to.ts';
import { virtualClock } from './virtual-clock.ts';

const READERS = Array.from({ length: 9 }, (_, index) => `r${index}@example.com`);
const LIMITS = {
  perSecond: null,
  perMinute: null,
  perHour: null,
  perDay: null,
  connections: 3,
  warmUp: null,
  domains: {},
};

interface Fault {
  readonly script: Script | ((server: ScriptedServer) => Script);
  /** How the first run ends; `finished` where the fault does no harm. */
  readonly end: DeliverReport['end'];
  /** Changes to the address of the server. */
  readonly url?: (plain: string) => string;
  /** Who is rejected for good, and that is right. */
  readonly rejected?: number;
  /** The most that may stay uncertain: connections in flight, times failures in a row before it pauses. */
  readonly uncertain?: number;
}

const asAnn = (url: string) => url.replace('://', '://ann:s3cret-w0rd@');
const everywhere = (say: string): Script => ({ mail: say, rcpt: say, data: say, final: say });

/** Counts messages by session: `limit` are taken, then `say` is said to MAIL. */
function after(limit: number, say: string): Script {
  const taken = new Map<number, number>();
  return {
    mail(_address, session) {
      const before = taken.get(session) ?? 0;
      taken.set(session, before + 1);
      return before >= limit ? say : '250 ok';
    },
  };
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'never replies to the connection': { script: { greeting: 'silence' }, end: 'paused' },
  'never replies to EHLO': { script: { ehlo: 'silence' }, end: 'paused' },
  'never replies to MAIL': { script: { mail: 'silence' }, end: 'paused' },
  'never replies to RCPT': { script: { rcpt: 'silence' }, end: 'paused' },
  'never replies to DATA': { script: { data: 'silence' }, end: 'paused' },
  'never replies to the final dot': { script: { final: 'silence' }, end: 'paused', uncertain: 9 },
  'never ends its greeting': { script: { greeting: 'drip' }, end: 'paused' },
  'never ends its reply to EHLO': { script: { ehlo: 'drip' }, end: 'paused' },
  'never ends its reply to RCPT': { script: { rcpt: 'drip' }, end: 'paused' },
  'never ends its reply to the final dot': { script: { final: 'drip' }, end: 'paused', uncertain: 9 },
  'greets with garbage': { script: { greeting: '\u0000\u001b[2J GET / HTTP/1.1' }, end: 'paused' },
  // RFC 5321 §3.2: then HELO may do.
  'answers EHLO with garbage': { script: { ehlo: 'hello there' }, end: 'finished' },
  'answers all commands with garbage': { script: everywhere('\u0007\u0000 no number'), end: 'paused' },
  'answers the final dot with garbage': { script: { final: 'thank you' }, end: 'paused', uncertain: 9 },
  'speaks an octet at a time': { script: { dribbles: true }, end: 'finished' },
  'says 421 after two messages': { script: after(2, '421 4.7.0 enough for one connection'), end: 'finished' },
  'hangs up after two messages': { script: after(2, 'drop'), end: 'finished' },
  'advertises parameters and refuses them': {
    script: { extensions: ['SIZE', '8BITMIME'], mail: '555 5.5.4 parameters not recognised' },
    end: 'paused',
  },
  'advertises STARTTLS and refuses it': {
    script: { extensions: ['STARTTLS'], starttls: '502 5.5.1 not here' },
    end: 'configuration',
  },
  'advertises PIPELINING and hangs up on it': {
    script: (server) => ({
      extensions: ['PIPELINING'],
      rcpt: () => (server.commands.at(-1)?.startsWith('RCPT') ? 'drop' : '250 ok'),
    }),
    end: 'paused',
  },
  'advertises SMTPUTF8 and refuses it': {
    script: { extensions: ['SMTPUTF8'], rcpt: '553 5.6.7 no such thing' },
    end: 'finished',
    rejected: 9,
  },
  'accepts, then hangs up': { script: { final: '250 2.0.0 taken', mail: hangUpLater() }, end: 'finished' },
  'is slow only in DATA': { script: slowInData(3), end: 'finished' },
  'shows a wrong certificate': { script: { secure: true }, end: 'configuration' },
  'says 354 after refusing the recipient': {
    script: { rcpt: '550 5.1.1 nobody', data: '354 go ahead' },
    end: 'finished',
    rejected: 9,
  },
  'refuses the password': {
    script: { extensions: ['AUTH PLAIN'], auth: '535 5.7.8 wrong password' },
    end: 'configuration',
    url: asAnn,
  },
};

/** Each session ends when its second message begins: the first was taken. */
function hangUpLater(): Script['mail'] {
  const seen = new Set<number>();
  return (_address, session) => {
    if (seen.has(session)) return 'drop';
    seen.add(session);
    return '250 ok';
  };
}

/** No final reply before `together` messages wait for theirs: longer than any other reply takes. */
function slowInData(together: number): Script {
  let waiting = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    async final() {
      waiting += 1;
      if (waiting >= together) open();
      await all;
      return '250 2.0.0 at last';
    },
  };
}

async function scene({ script, url = (plain) => plain }: Fault) {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-bad-servers-'));
  const first: Script = typeof script === 'function' ? {} : script;
  const server = await startSmtpServer(first);
  if (typeof script === 'function') server.play(script(server));
  const ledger = await openLedger(join(folder, 'ledger.sqlite'));
  onTestFinished(async () => {
    await ledger.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const clock = virtualClock();
  const campaign = {
    id: 'c1',
    slug: 'first',
    list: 'weekly',
    digest: '',
    reason: '',
    createdAt: clock.now(),
  };
  await ledger.record(
    { ...campaign, sender: {} as Campaign['sender'], state: 'running' },
    '',
    READERS.map((address) => ({ address, key: address, fields: {} })),
  );
  /** One `npm run send`, with so many ms of patience for what is silent. */
  const run = async (address: string, patience: number): Promise<DeliverReport> => {
    const relay = parseSmtpUrl(address);
    if ('fault' in relay) throw new Error(relay.fault);
    const transport = openSmtp(relay, { connections: 3, connectTimeout: patience, socketTimeout: patience });
    try {
      return await deliver({
        ledger,
        campaignId: 'c1',
        relays: [
          {
            name: 'bad',
            weight: null,
            limits: LIMITS,
            transport: {
              ...transport,
              send: (message, gate) => clock.during(transport.send(message, gate)),
            },
          },
        ],
        domains: {},
        stamp: ({ address: to }) => messageTo(to),
        clock,
        random: () => 0,
        until: clock.now() + 3_600_000,
        signal: new AbortController().signal,
      });
    } finally {
      await transport.close();
    }
  };
  return { server, ledger, run, url: url(server.url) };
}

test.each(Object.entries(FAULTS))(
  'a server that %s: nobody is lost, nobody gets two',
  async (_what, fault) => {
    const { server, ledger, run, url } = await scene(fault);
    const report = await run(url, /silence|drip/.test(JSON.stringify(fault.script) ?? '') ? 250 : 20_000);
    expect(report.end, report.reason).toBe(fault.end);
    expect(report.counts.rejected).toBe(fault.rejected ?? 0);
    expect(report.counts.uncertain).toBeLessThanOrEqual(fault.uncertain ?? 0);

    // Then it is mended, and the command run again.
    server.play({});
    if (report.end !== 'finished') await ledger.setState('c1', 'running', '');
    const mended = (await run(server.url.replace('smtps:', 'smtp:'), 20_000)).counts;
    const [uncertain, rejected] = await Promise.all(
      (['uncertain', 'rejected'] as const).map((state) => ledger.deliveries('c1', [state])),
    );
    const accepted = server.accepted();
    expect(new Set(accepted).size, 'nobody twice').toBe(accepted.length);
    expect(mended.accepted).toBe(accepted.length);
    const all = [
      ...accepted,
      ...uncertain!.map(({ address }) => address),
      ...rejected!.map(({ address }) => address),
    ];
    expect(all.toSorted(), 'nobody lost').toEqual(READERS);
  },
);
