import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { dkimKey } from './config/dkim-key.ts';
import { fault, readNewsletter } from './config/read-newsletter.ts';
import type { Finding } from './finding.ts';
import type { Newsletter } from './newsletter.ts';
import { parseSmtpUrl } from './transport/parse-smtp-url.ts';
import { type OauthClient, readOauth } from './transport/read-oauth.ts';
import { type RelayOptions, relaysOf } from './transport/relays-of.ts';
import { parseNetwork } from './web/parse-network.ts';

/** Everything that a run depends on besides the user's files. Frozen; secrets never leave it in print. */
export interface Config {
  readonly root: string;
  readonly newsletter: Newsletter;
  /** As given; more than one for failover. Holds passwords. */
  readonly smtpUrls: readonly string[];
  /** The same servers, each with its limits. */
  readonly relays: readonly RelayOptions[];
  /** Who gives the access tokens that `?auth=xoauth2` logs in with. Holds secrets. */
  readonly smtpOauth: OauthClient | null;
  /** The ledger in PostgreSQL, with a password. */
  readonly databaseUrl: string | null;
  /** `git`: kept on a branch of the repository. `file`: this machine keeps its disk, also when it is CI. */
  readonly ledger: 'git' | 'file' | null;
  /** Encrypts the ledger on its branch. */
  readonly ledgerKey: string | null;
  /** Rows that one push of the ledger's branch stands for. */
  readonly ledgerBatch: number;
  /** Signs the links in mails; null: links are not possible. */
  readonly linkSecret: string | null;
  /** What links and keyed hashes may have been made with: that one, then older ones. */
  readonly linkSecrets: readonly string[];
  /** PEM of the DKIM private key. */
  readonly dkimKey: string | null;
  /** Proxies in front of the public server, besides those on this machine: addresses or networks (CIDR). */
  readonly trustedProxies: readonly string[];
  /** Where bounces come in: the path of a maildir or an mbox. */
  readonly bounceMailbox: string | null;
  /** What the webhooks of providers are known by: SES_TOPIC_ARN, POSTMARK_WEBHOOK, MAILGUN_WEBHOOK_KEY. */
  readonly webhooks: {
    readonly ses: string | null;
    readonly postmark: string | null;
    readonly mailgun: string | null;
  };
  /** A SpamAssassin that the preview may ask, on this machine or another. */
  readonly spamd: { readonly host: string; readonly port: number } | null;
  readonly ci: boolean;
  /** `required`: a live send sends only what a receipt says was seen. The default under CI. */
  readonly approval: 'required' | 'none';
  /** Who started this job, as CI says; null: nobody said. */
  readonly actor: string | null;
  readonly githubActions: boolean;
}

export type { NewsletterConfig } from './config/newsletter-schema.ts';
export { CONFIG_FILE } from './config/read-newsletter.ts';

/**
 * Which of these options (`--dry-run`) npm took for itself because `--` was missing before them: it leaves them in the
 * environment, and a `send hello --dry-run` would send.
 */
export function takenByNpm(
  options: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const left = (option: string) => `npm_config_${option.replace(/^--(?:no-)?/, '').replaceAll('-', '_')}`;
  return [...new Set(options)].filter((option) => option !== '' && environment[left(option)] !== undefined);
}

/**
 * Reads `newsletter.config.ts` and the environment (and `.env`, which never overrides it).
 * Gives the Config, or every fault of both at once.
 */
export async function loadConfig(
  root: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly config: Config } | { readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const file = readDotEnv(root);
  const env: NodeJS.Dict<string> = { ...parseEnv(file), ...environment };
  /** Blames a variable where it is set; never shows its value. */
  const blame = (name: string, message: string, hint: string) => {
    const before =
      environment[name] === undefined
        ? file.split(new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=`, 'm'))[0]!
        : null;
    const place =
      before === null ? { path: 'environment' } : { path: '.env', line: before.split('\n').length };
    findings.push({ ...fault(`${name} ${message}.`, hint), ...place });
  };
  const given = await readNewsletter(root, findings);
  const smtpUrls = (env.SMTP_URL ?? '').split(/\s+/).filter(Boolean);
  const oauth = readOauth(env);
  if (oauth && 'fault' in oauth) blame(oauth.blame, oauth.fault, 'See "OAuth" in README.md.');
  const smtpOauth = oauth && 'tokenUrl' in oauth ? oauth : null;
  for (const url of smtpUrls) {
    const relay = parseSmtpUrl(url, smtpOauth);
    if ('fault' in relay)
      blame(
        'SMTP_URL',
        `cannot be used: ${relay.fault}`,
        'Write it like smtp://user:password@smtp.example.com:587',
      );
  }
  const named = given && relaysOf(smtpUrls, given.limits, given.relays, smtpOauth);
  if (named && 'fault' in named) blame('SMTP_URL', named.fault, 'See "Several mail servers" in README.md.');
  const key = dkimKey(root, env.DKIM_PRIVATE_KEY, env.DKIM_PRIVATE_KEY_FILE);
  if (key && typeof key !== 'string') blame(key.blame, key.fault, key.hint);
  // More than one, the newest first, while what the older ones signed shall still be good.
  const linkSecrets = (env.LINK_SECRET ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter(Boolean);
  if (linkSecrets.some((secret) => secret.length < 16))
    blame('LINK_SECRET', 'is shorter than 16 characters', 'Make one: openssl rand -hex 32');
  const ledger = env.LEDGER || null;
  if (ledger !== null && ledger !== 'git' && ledger !== 'file')
    blame('LEDGER', 'is neither git nor file', 'Use git where the disk is forgotten, else leave it out.');
  const databaseUrl = env.DATABASE_URL || null;
  if (databaseUrl && !(/^postgres(?:ql)?:\/\/./.test(databaseUrl) && URL.canParse(databaseUrl)))
    blame(
      'DATABASE_URL',
      'is no address of a PostgreSQL database',
      'Write it like postgres://user:password@db.example.com:5432/newsletter, / ? # in a password as %2F %3F %23.',
    );
  if (databaseUrl && ledger !== null)
    blame('LEDGER', 'is set beside DATABASE_URL, but there is one ledger', 'Leave one of the two out.');
  const ledgerKey = env.LEDGER_KEY || null;
  if (ledgerKey && ledgerKey.length < 32)
    blame('LEDGER_KEY', 'is shorter than 32 characters', 'Make one: openssl rand -hex 32');
  const ledgerBatch = env.LEDGER_BATCH || '500';
  if (!/^[1-9]\d{0,4}$/.test(ledgerBatch))
    blame('LEDGER_BATCH', 'is no number from 1 to 99999', 'Leave it out: 500 suits most.');
  const spamd = /^([\w.-]+|\[[\da-f:]+\]):(\d{1,5})$/i.exec(env.SPAMD ?? '');
  if (env.SPAMD && !spamd) blame('SPAMD', 'is not HOST:PORT', 'Write it like 127.0.0.1:783');
  const trustedProxies = (env.TRUSTED_PROXIES ?? '').split(/[\s,]+/).filter(Boolean);
  if (trustedProxies.some((text) => parseNetwork(text) === null))
    blame('TRUSTED_PROXIES', 'holds what is no address or network', 'Write it like 10.0.0.7, 172.16.0.0/12');
  if (env.SES_TOPIC_ARN && !/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+(?:\.fifo)?$/.test(env.SES_TOPIC_ARN))
    blame(
      'SES_TOPIC_ARN',
      'is no ARN of an SNS topic',
      'Write it like arn:aws:sns:eu-west-1:123456789012:bounces',
    );
  if (env.POSTMARK_WEBHOOK && !/^[^:]+:.{16,}$/.test(env.POSTMARK_WEBHOOK))
    blame(
      'POSTMARK_WEBHOOK',
      'is not USER:PASSWORD with a password of at least 16 characters',
      'Make a password: openssl rand -hex 32',
    );
  if (!given || findings.length > 0) return { findings };
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  const { approval = ci ? 'required' : 'none', ...newsletter } = given;
  const config: Config = {
    root,
    newsletter: freeze(newsletter),
    smtpUrls,
    relays: freeze(named as readonly RelayOptions[]),
    smtpOauth,
    databaseUrl,
    ledger: ledger as Config['ledger'],
    ledgerKey,
    ledgerBatch: Number(ledgerBatch),
    linkSecret: linkSecrets[0] ?? null,
    linkSecrets,
    dkimKey: key as string | null,
    trustedProxies,
    bounceMailbox: env.BOUNCE_MAILBOX || null,
    webhooks: {
      ses: env.SES_TOPIC_ARN || null,
      postmark: env.POSTMARK_WEBHOOK || null,
      mailgun: env.MAILGUN_WEBHOOK_KEY || null,
    },
    spamd: spamd && { host: spamd[1]!.replace(/^\[|\]$/g, ''), port: Number(spamd[2]) },
    ci,
    approval,
    actor: env.GITHUB_ACTOR || env.GITLAB_USER_LOGIN || null,
    githubActions: env.GITHUB_ACTIONS === 'true',
  };
  return { config: Object.freeze(config) };
}

function readDotEnv(root: string): string {
  const path = join(root, '.env');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
