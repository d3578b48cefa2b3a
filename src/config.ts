import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { dkimKey } from './config/dkim-key.ts';
import { placeOfKey } from './config/place-of-key.ts';
import { parseExpression } from './expression.ts';
import type { Finding } from './finding.ts';
import type { Mailbox } from './mail.ts';
import { parseMailbox } from './mailbox.ts';
import type { Newsletter } from './newsletter.ts';
import { nearest } from './project/nearest.ts';
import { parseSmtpUrl } from './transport/parse-smtp-url.ts';
import { type OauthClient, readOauth } from './transport/read-oauth.ts';

/** Everything that a run depends on besides the user's files. Frozen; secrets never leave it in print. */
export interface Config {
  readonly root: string;
  readonly newsletter: Newsletter;
  /** As given; more than one for failover. Holds passwords. */
  readonly smtpUrls: readonly string[];
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
  /** Where bounces come in: the path of a maildir or an mbox. */
  readonly bounceMailbox: string | null;
  /** A SpamAssassin that the preview may ask, on this machine or another. */
  readonly spamd: { readonly host: string; readonly port: number } | null;
  readonly ci: boolean;
  /** `required`: a live send sends only what a receipt says was seen. The default under CI. */
  readonly approval: 'required' | 'none';
  /** Who started this job, as CI says; null: nobody said. */
  readonly actor: string | null;
  readonly githubActions: boolean;
}

export const CONFIG_FILE = 'newsletter.config.ts';

const oneLine = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold line breaks or control characters');

const mailbox = oneLine.transform((text, context): Mailbox => {
  const parsed = parseMailbox(text);
  if ('address' in parsed) return parsed;
  context.addIssue({ code: 'custom', message: `${parsed.fault}; write it like "Name <name@example.com>"` });
  return z.NEVER;
});

const address = mailbox.transform((box) => box.address);

const webAddress = oneLine.transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && local)) && !url.search && !url.hash)
    return url.href.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: 'must be an https:// address without ? or #' });
  return z.NEVER;
});

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour like #b3261e');
const fontStack = oneLine.refine(
  (text) => !/[;{}<>"\\]/.test(text),
  "must be a plain list of fonts; quote names with '",
);
const count = z.number().int().positive();
const domain = z
  .string()
  .regex(/^(?=.{1,253}$)([a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/i, 'must be a domain name');

const SERIF = "Georgia, 'Times New Roman', serif";
// Short, for it stands at every piece of code: macOS has the first, Windows the second.
const MONO = 'Menlo, Consolas, monospace';

const brand = z.strictObject({
  accent: colour.default('#b3261e'),
  accentDark: colour.default('#ff9d8f'),
  background: colour.default('#f4f1ec'),
  surface: colour.default('#ffffff'),
  text: colour.default('#1f1d1a'),
  muted: colour.default('#625d56'),
  logo: oneLine.nullable().default(null),
  logoWidth: count.max(600).default(160),
  fontBody: fontStack.default(SERIF),
  fontHeading: fontStack.default(SERIF),
  fontMono: fontStack.default(MONO),
});

const listInfo = z.strictObject({
  title: oneLine,
  id: domain.optional(),
  why: oneLine.nullable().default(null),
});

const segment = z.strictObject({
  list: oneLine,
  where: oneLine.superRefine((text, context) => {
    const parsed = parseExpression(text);
    if ('fault' in parsed)
      context.addIssue({ code: 'custom', message: `${parsed.fault} (column ${parsed.offset + 1})` });
  }),
});

const schema = z.strictObject({
  name: oneLine,
  tagline: oneLine.nullable().default(null),
  from: mailbox,
  replyTo: mailbox.nullable().default(null),
  postalAddress: z.string().trim().min(1).nullable().default(null),
  siteUrl: webAddress.nullable().default(null),
  publicUrl: webAddress.nullable().default(null),
  unsubscribeMailto: address.nullable().default(null),
  bounceAddress: address.nullable().default(null),
  lang: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as "en" or "pt-BR"')
    .default('en'),
  brand: brand.prefault({}),
  list: oneLine.default('weekly'),
  template: oneLine.default('newsletter'),
  images: z.enum(['hosted', 'embedded']).default('hosted'),
  assetsDir: z
    .string()
    .regex(
      /^(?!\.)[^/\\\0]+(?:\/(?!\.)[^/\\\0]+)*$/,
      'must be a folder of the project, such as "static/images"',
    )
    .default('assets'),
  lists: z.record(oneLine, listInfo).default({}),
  segments: z
    .record(oneLine, segment)
    .superRefine((segments, context) => {
      for (const [name, { list }] of Object.entries(segments))
        if (Object.hasOwn(segments, list))
          context.addIssue({
            code: 'custom',
            path: [name, 'list'],
            message: `"${list}" is a segment itself; name a list`,
          });
    })
    .default({}),
  limits: z
    .strictObject({
      perSecond: count.nullable().default(null),
      perMinute: count.nullable().default(null),
      perHour: count.nullable().default(null),
      perDay: count.nullable().default(null),
      connections: count.max(100).default(5),
    })
    .prefault({}),
  dkim: z
    .strictObject({ domain, selector: oneLine, exclude: z.array(oneLine).default([]) })
    .nullable()
    .default(null),
  silence: z.array(oneLine).default([]),
  approval: z.enum(['required', 'none']).optional(),
});

/** What an author writes in `newsletter.config.ts`: only `name` and `from` are required. */
export type NewsletterConfig = z.input<typeof schema>;

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
  if (!given || findings.length > 0) return { findings };
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  const { approval = ci ? 'required' : 'none', ...newsletter } = given;
  const config: Config = {
    root,
    newsletter: freeze(newsletter),
    smtpUrls,
    smtpOauth,
    databaseUrl,
    ledger: ledger as Config['ledger'],
    ledgerKey,
    ledgerBatch: Number(ledgerBatch),
    linkSecret: linkSecrets[0] ?? null,
    linkSecrets,
    dkimKey: key as string | null,
    bounceMailbox: env.BOUNCE_MAILBOX || null,
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

async function readNewsletter(
  root: string,
  findings: Finding[],
): Promise<ReturnType<typeof toNewsletter> | null> {
  const path = join(root, CONFIG_FILE);
  if (!existsSync(path)) {
    findings.push(
      fault(`There is no ${CONFIG_FILE} in ${root}.`, 'Run this in the folder of your newsletter.'),
    );
    return null;
  }
  const source = readFileSync(path, 'utf8');
  let exported: unknown;
  try {
    // By its time, so that a save is read by a process that has read the one before.
    exported = (await import(`${pathToFileURL(path).href}?${statSync(path).mtimeMs}`)).default;
  } catch (error) {
    const { message, stack } = error as Error;
    const [, line, column] = /newsletter\.config\.ts(?:\?[\d.]+)?:(\d+)(?::(\d+))?/.exec(String(stack)) ?? [];
    findings.push({
      ...fault(`It does not run: ${String(message).split('\n')[0]!.slice(0, 200)}.`, ''),
      ...(line ? { line: Number(line), column: Number(column ?? 1) } : {}),
    });
    return null;
  }
  const parsed = schema.safeParse(exported);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const key = issue.path.map(String).join('.');
      findings.push({
        ...fault(`${key || 'The default export'}: ${wordsOf(issue.message)}.`, hintFor(issue)),
        ...placeOfKey(source, issue.path.map(String), issue.code === 'unrecognized_keys' ? issue.keys : []),
      });
    }
    return null;
  }
  return toNewsletter(parsed.data);
}

function toNewsletter(
  given: z.output<typeof schema>,
): Newsletter & Pick<z.output<typeof schema>, 'approval'> {
  const { tagline, lists, ...rest } = given;
  const host = given.from.address.slice(given.from.address.lastIndexOf('@') + 1);
  return {
    ...rest,
    brand: { ...given.brand, tagline },
    lists: Object.fromEntries(
      Object.entries(lists).map(([name, list]) => [name, { ...list, id: list.id ?? `${name}.${host}` }]),
    ),
  };
}

/** What zod says, as a person would. */
function wordsOf(message: string): string {
  return message
    .replace(/^Invalid input: expected \w+, received undefined$/, 'it is missing')
    .replace(/^Invalid input: expected (\w+), received (\w+)$/, 'it must be a $1, not $2')
    .replace(/^Unrecognized keys?: /, 'there is no key ');
}

/** The keys that a mistyped one may have meant. */
function hintFor(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return '';
  const near = nearest(issue.keys[0] ?? '', Object.keys(schema.shape));
  return `Did you mean one of: ${near.join(', ')}?`;
}

function fault(message: string, hint: string): Finding {
  return { rule: 'config', severity: 'error', path: CONFIG_FILE, line: 1, column: 1, message, hint };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
