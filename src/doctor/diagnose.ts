import type { KeyObject } from 'node:crypto';
import type { Newsletter } from '../newsletter.ts';
import { checkDkim } from './check-dkim.ts';
import { checkDmarc } from './check-dmarc.ts';
import { checkMx, checkPtr } from './check-mail-hosts.ts';
import { checkRelay, type RelayAnswer } from './check-relay.ts';
import {
  checkClock,
  checkComplaints,
  checkConfig,
  checkLedger,
  checkUnsubscribe,
  type Posted,
} from './check-setup.ts';
import { checkSpf } from './check-spf.ts';
import type { Diagnosis } from './diagnosis.ts';
import { addressesOf, type LookUp } from './look-up.ts';

export interface Setup {
  readonly newsletter: Newsletter;
  readonly relay: { readonly host: string; readonly port: number } | null;
  readonly keys: readonly KeyObject[];
  readonly hasLinkSecret: boolean;
  readonly hasBounceMailbox: boolean;
  /** SES, Postmark or Mailgun tells the public server. */
  readonly hasWebhooks: boolean;
  readonly ledger: {
    readonly fault: string | null;
    readonly campaigns: number;
    readonly accepted: number;
    readonly complaints: number;
  };
}

/** What the doctor needs of the world; none of these throws. */
export interface DoctorPorts {
  readonly lookUp: LookUp;
  probe(): Promise<RelayAnswer>;
  /** A one-click POST with a link of a test; null: no link can be made. */
  post(): Promise<Posted | null>;
  now(): number;
}

/** An issue with its pictures embedded. */
const LARGEST = 5_000_000;

/** Would a send be accepted? Everything that can be seen from here, one after the other. */
export async function diagnose(setup: Setup, ports: DoctorPorts): Promise<Diagnosis[]> {
  const { newsletter, relay, keys, ledger } = setup;
  const { lookUp } = ports;
  const from = domainOf(newsletter.from.address);
  const envelope = domainOf(newsletter.bounceAddress ?? newsletter.from.address);
  const local = relay !== null && /^(?:localhost|127\.|::1$)/.test(relay.host);
  const [probe, posted, ips] = await Promise.all([
    relay ? ports.probe() : null,
    ports.post(),
    relay ? addressesOf(relay.host, lookUp) : null,
  ]);
  const addresses = (ips?.records ?? []).slice(0, 8);
  const now = ports.now();
  const checks = await Promise.all([
    checkSpf(envelope, relay && { host: relay.host, ips: addresses }, lookUp),
    checkDkim(newsletter.dkim, keys, lookUp),
    checkDmarc(from, envelope, newsletter.dkim?.domain ?? null, lookUp),
    checkMx(
      [newsletter.from, newsletter.replyTo]
        .flatMap((box) => box?.address ?? [])
        .concat(newsletter.bounceAddress ?? [], newsletter.unsubscribeMailto ?? [])
        .map(domainOf),
      lookUp,
    ),
    relay ? checkPtr(relay.host, addresses, lookUp) : [],
  ]);
  return [
    ...checkConfig(newsletter, {
      smtp: relay !== null,
      linkSecret: setup.hasLinkSecret,
      bounceMailbox: setup.hasBounceMailbox,
      webhooks: setup.hasWebhooks,
    }),
    ...(relay && probe
      ? checkRelay(`${relay.host}:${relay.port}`, probe, { local, now, largest: LARGEST })
      : []),
    ...checks.flat(),
    checkUnsubscribe(newsletter.publicUrl, posted),
    checkClock(posted && 'date' in posted ? posted.date : null, now),
    checkLedger(ledger.fault, ledger.campaigns),
    checkComplaints(ledger.complaints, ledger.accepted),
  ];
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
