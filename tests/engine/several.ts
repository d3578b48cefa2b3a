import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Campaign } from '../../src/campaign/campaign.ts';
import { type DeliverOptions, type DeliverReport, deliver } from '../../src/engine/deliver.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { thisProcess } from '../../src/ledger/this-process.ts';
import type { DomainLimits, RelayLimits } from '../../src/newsletter.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp } from '../../src/transport/smtp.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { messageTo } from '../transport/message-to.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

export const UNLIMITED = { perSecond: null, perMinute: null, perHour: null, perDay: null };

/** A campaign to these addresses through several real servers, on a clock that nobody waits for. */
export interface Several {
  readonly servers: readonly ScriptedServer[];
  readonly ledger: Ledger;
  readonly clock: VirtualClock;
  /** What was told of relays, as `a fails` and `a works`. */
  readonly told: string[];
  /** When each message was accepted, ms from the start, by address. */
  readonly acceptedAt: Map<string, number>;
  /** How often the outcome of each address was settled. */
  readonly settled: Map<string, number>;
  /** One more process that shares the ledger. */
  other(): Promise<Ledger>;
  run(
    changes?: Omit<Partial<DeliverOptions>, 'relays' | 'domains'> & {
      /** Of relays a, b, c … */
      readonly relays?: readonly (Partial<RelayLimits> & {
        readonly weight?: number;
        readonly user?: string;
      })[];
      readonly domains?: Readonly<Record<string, Partial<DomainLimits>>>;
    },
  ): Promise<DeliverReport>;
  close(): Promise<void>;
}

export async function several(addresses: readonly string[], ...scripts: readonly Script[]): Promise<Several> {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-several-'));
  const clock = virtualClock();
  const servers = await Promise.all(scripts.map((script) => startSmtpServer(script)));
  const identity = { ...thisProcess(), uptime: clock.uptime };
  const ledger = await openLedger(join(folder, 'ledger.sqlite'), identity);
  const campaign: Campaign = {
    id: 'c1',
    slug: 'first',
    list: 'weekly',
    digest: '',
    sender: {} as Campaign['sender'],
    state: 'running',
    reason: '',
    createdAt: clock.now(),
  };
  await ledger.record(
    campaign,
    '',
    addresses.map((address) => ({ address, key: address, fields: {} })),
  );
  const others: Ledger[] = [];
  const told: string[] = [];
  const acceptedAt = new Map<string, number>();
  const settled = new Map<string, number>();
  return {
    servers,
    ledger,
    clock,
    told,
    acceptedAt,
    settled,
    async other() {
      const other = await openLedger(join(folder, 'ledger.sqlite'), {
        ...thisProcess(),
        uptime: clock.uptime,
      });
      others.push(other);
      return other;
    },
    async run({ relays: options = [], domains = {}, ...changes } = {}) {
      const transports: { close(): Promise<void> }[] = [];
      const relays = servers.map(({ url }, index) => {
        const { weight = null, user, ...limits } = options[index] ?? {};
        const all = { ...UNLIMITED, connections: 3, warmUp: null, ...limits };
        const parsed = parseSmtpUrl(user ? url.replace('://', `://${user}:hunter22@`) : url);
        if ('fault' in parsed) throw new Error(parsed.fault);
        const transport = openSmtp(parsed, { connections: all.connections, connectTimeout: 2000 });
        transports.push(transport);
        return {
          name: 'abc'[index]!,
          weight,
          limits: all,
          transport: {
            ...transport,
            send: ((message, gate) =>
              clock.during(
                transport.send(message, gate).then((outcome) => {
                  // Time stands still until here: what is settled may be later, when the ledger is busy.
                  if (outcome.kind === 'accepted') acceptedAt.set(message.envelope.to, clock.passed());
                  return outcome;
                }),
              )) as typeof transport.send,
          },
        };
      });
      try {
        return await deliver({
          ledger,
          campaignId: 'c1',
          relays,
          domains: Object.fromEntries(
            Object.entries(domains).map(([name, own]) => [name, { ...UNLIMITED, connections: null, ...own }]),
          ),
          stamp: ({ address }) => messageTo(address),
          clock,
          random: () => 0,
          until: clock.now() + 30 * 60_000,
          signal: new AbortController().signal,
          onSettled: ({ address }) => void settled.set(address, (settled.get(address) ?? 0) + 1),
          onRelay: (name, trouble) => void told.push(`${name} ${trouble === null ? 'works' : 'fails'}`),
          ...changes,
        });
      } finally {
        for (const transport of transports) await transport.close();
      }
    },
    async close() {
      for (const server of servers) await server.close().catch(() => {});
      for (const one of [ledger, ...others]) await one.close().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `count` addresses at a domain. */
export function at(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `r${index}@${domain}`);
}
