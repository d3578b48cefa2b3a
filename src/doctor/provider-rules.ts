import type { CheckName, Diagnosis, Verdict } from './diagnosis.ts';

export const PROVIDERS = ['Gmail', 'Yahoo', 'Microsoft'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `all`: of every sender; `bulk`: from 5,000 messages a day to one provider; `no`: not asked. */
type Asked = 'all' | 'bulk' | 'no';

interface ProviderRule {
  readonly rule: string;
  readonly asked: Readonly<Record<Provider, Asked>>;
  /** All of these must pass; nothing: it is kept by how Broadsheet writes and sends. */
  readonly checks: readonly CheckName[];
  /** One of them is enough. */
  readonly one?: boolean;
}

/** Where the rules stand; compared with this table in November 2026. */
export const SOURCES: Readonly<Record<Provider, string>> = {
  Gmail: 'https://support.google.com/a/answer/81126',
  Yahoo: 'https://senders.yahooinc.com/best-practices/',
  Microsoft:
    'https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730',
};

const RULES: readonly ProviderRule[] = [
  {
    rule: 'SPF or DKIM passes',
    asked: { Gmail: 'all', Yahoo: 'all', Microsoft: 'no' },
    checks: ['spf', 'dkim'],
    one: true,
  },
  { rule: 'SPF passes', asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'bulk' }, checks: ['spf'] },
  { rule: 'DKIM passes', asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'bulk' }, checks: ['dkim'] },
  {
    rule: 'DMARC, at least p=none',
    asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'bulk' },
    checks: ['dmarc'],
  },
  {
    rule: 'From agrees with SPF or DKIM',
    asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'bulk' },
    checks: ['alignment'],
  },
  {
    rule: 'The sending address has a name (PTR)',
    asked: { Gmail: 'all', Yahoo: 'all', Microsoft: 'no' },
    checks: ['ptr'],
  },
  { rule: 'TLS', asked: { Gmail: 'all', Yahoo: 'no', Microsoft: 'no' }, checks: ['tls'] },
  {
    rule: 'One-click unsubscribe (RFC 8058)',
    asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'no' },
    checks: ['unsubscribe'],
  },
  {
    rule: 'A visible way to leave',
    asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'bulk' },
    checks: ['config'],
  },
  // Here who leaves is off at once, also out of a campaign under way.
  {
    rule: 'Who leaves is off within two days',
    asked: { Gmail: 'bulk', Yahoo: 'bulk', Microsoft: 'no' },
    checks: [],
  },
  {
    rule: 'Complaints below 0.3 %',
    asked: { Gmail: 'all', Yahoo: 'all', Microsoft: 'no' },
    checks: ['complaints'],
  },
  {
    rule: 'An address that can be answered',
    asked: { Gmail: 'no', Yahoo: 'all', Microsoft: 'bulk' },
    checks: ['mx'],
  },
  {
    rule: 'Dead addresses are taken off',
    asked: { Gmail: 'no', Yahoo: 'all', Microsoft: 'bulk' },
    checks: ['bounces'],
  },
  { rule: 'Messages keep to RFC 5322', asked: { Gmail: 'all', Yahoo: 'all', Microsoft: 'no' }, checks: [] },
];

/** One line of the table. */
export interface RuleVerdict {
  readonly rule: string;
  readonly asked: Readonly<Record<Provider, Asked>>;
  readonly verdict: Verdict;
  /** What to do, of the first check that does not pass. */
  readonly mend: string;
}

/** The bulk rules of the large providers, each with what the checks say of it: the worst one counts. */
export function providerRules(diagnoses: readonly Diagnosis[]): RuleVerdict[] {
  const order: readonly Verdict[] = ['fail', 'unknown', 'advice', 'pass'];
  return RULES.map(({ rule, asked, checks, one: oneIsEnough }) => {
    const about = diagnoses.filter(({ check }) => checks.includes(check));
    const worstOf = (those: readonly Diagnosis[]) =>
      order.find((verdict) => those.some((one) => one.verdict === verdict));
    const each = checks.flatMap((check) => worstOf(about.filter((one) => one.check === check)) ?? 'unknown');
    const worst = oneIsEnough ? order.findLast((verdict) => each.includes(verdict)) : worstOf(about);
    const verdict = checks.length === 0 ? 'pass' : (worst ?? 'unknown');
    return { rule, asked, verdict, mend: about.find((one) => one.verdict === verdict)?.mend ?? '' };
  });
}
