import type { KeyObject } from 'node:crypto';
import type { Newsletter } from '../newsletter.ts';
import { checkDkim } from './check-dkim.ts';
import { checkDmarc } from './check-dmarc.ts';
import { checkLedger, type LedgerHealth } from './check-ledger.ts';
import { checkMx, checkPtr } from './check-mail-hosts.ts';
import { checkRelay, type RelayAnswer } from './check-relay.ts';
import { checkClock, checkComplaints, checkConfig, checkUnsubscribe, type Posted } from './check-setup.ts';
import { checkSpf } from './check-spf.ts';
import type { Diagnosis } from './diagnosis.ts';
import { addressesOf, type LookUp } from './look-up.ts';
import { knownRelay } from './relays.ts';

export interface Setup {
  readonly newsletter: Newsletter;
  /** Every server that mail may go through. */
  readonly relays: readonly Relay[];
  readonly keys: readonly KeyObject[];
  readonly hasLinkSecret: boolean;
  readonly hasBounceMailbox: boolean;
  /** SES, Postmark or Mailgun tells the public server. */
  readonly hasWebhooks: boolean;
  readonly ledger: LedgerHealth;
}

export interface Relay {
  readonly host: string;
  readonly port: number;
}

/** What the doctor needs of the world; none of these throws. */
export interface DoctorPorts {
  readonly lookUp: LookUp;
  probe(relay: Relay): Promise<RelayAnswer>;
  /** A one-click POST with a link of a test; null: no link can be made. */
  post(): Promise<Posted | null>;
  now(): number;
}

/** An issue with its pictures embedded. */
const LARGEST = 5_000_000;

/** Would a send be accepted? Everything that can be seen from here, one after the other. */
export async function diagnose(setup: Setup, ports: DoctorPorts): Promise<Diagnosis[]> {
  const { newsletter, relays, keys, ledger } = setup;
  const { lookUp } = ports;
  const from = domainOf(newsletter.from.address);
  const envelope = domainOf(newsletter.bounceAddress ?? newsletter.from.address);
  const [servers, posted] = await Promise.all([
    Promise.all(
      relays.map(async (relay) => {
        const [answer, ips] = await Promise.all([ports.probe(relay), addressesOf(relay.host, lookUp)]);
        return { ...relay, answer, ips: ips.records.slice(0, 8) };
      }),
    ),
    ports.post(),
  ]);
  const now = ports.now();
  const checks = await Promise.all([
    ...(servers.length > 0 ? servers : [null]).map((server) => checkSpf(envelope, server, lookUp)),
    checkDkim(newsletter.dkim, keys, lookUp),
    checkDmarc(
      from,
      relays.some(({ host }) => knownRelay(host)?.ownPath) ? null : envelope,
      newsletter.dkim?.domain ?? null,
      lookUp,
    ),
    checkMx(
      [newsletter.from, newsletter.replyTo]
        .flatMap((box) => box?.address ?? [])
        .concat(newsletter.bounceAddress ?? [], newsletter.unsubscribeMailto ?? [])
        .map(domainOf),
      lookUp,
    ),
    ...servers.map(({ host, ips }) => checkPtr(host, ips, lookUp)),
  ]);
  return [
    ...checkConfig(newsletter, {
      smtp: relays.length > 0,
      linkSecret: setup.hasLinkSecret,
      bounceMailbox: setup.hasBounceMailbox,
      webhooks: setup.hasWebhooks,
    }),
    ...servers.flatMap(({ host, port, answer }) =>
      checkRelay(`${host}:${port}`, answer, { local: isLocal(host), now, largest: LARGEST }),
    ),
    ...checks.flat(),
    checkUnsubscribe(newsletter.publicUrl, posted),
    checkClock(posted && 'date' in posted ? posted.date : null, now),
    ...checkLedger(ledger),
    checkComplaints(ledger.complaints, ledger.accepted),
  ];
}

function isLocal(host: string): boolean {
  return /^(?:localhost$|127\.|::1$)/.test(host);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
