import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import { afterAll } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { type LinkAction, linkSigner } from '../../src/audience/links.ts';
import type { PlannedReader } from '../../src/campaign/campaign.ts';
import { compileConfirmations, logoOf, openMailer } from '../../src/commands/serve/open-mailer.ts';
import { portsOf } from '../../src/commands/serve/ports-of.ts';
import { loadConfig } from '../../src/config.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openTerminal } from '../../src/terminal.ts';
import { createWeb } from '../../src/web/create-web.ts';
import type { WebPorts } from '../../src/web/ports.ts';
import { type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';

export const SECRET = 'a link secret of the tests';
export const NAMED = {
  publicUrl: 'https://letters.example.com',
  lists: {
    weekly: { title: 'The weekly letter', open: true },
    monthly: { title: 'The monthly letter', open: true },
    staff: { title: 'Staff' },
  },
  profile: { city: 'City' },
};

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

export interface OpenWeb {
  readonly web: Hono;
  readonly ledger: Ledger;
  readonly root: string;
  /** What is between the server and the ledger; replaced to look at what a fault does. */
  readonly ports: { -readonly [name in keyof WebPorts]: WebPorts[name] };
  /** Records a running campaign to a list; gives the path of a reader's link. */
  campaign(
    readers: readonly PlannedReader[],
    list?: string,
  ): Promise<{ id: string; link(key: string, action?: LinkAction): string }>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** A form, urlencoded, or any other body with its headers. */
  post(
    path: string,
    body: Record<string, string> | BodyInit,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Who is suppressed on a list, with the reason. */
  suppressed(list?: string): Promise<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const PATHS: Partial<Record<LinkAction, string>> = { unsubscribe: 'u', preferences: 'p', web: 'v' };

/** The public server of a project of its own over a real ledger, asked without a port; it mails nothing. */
export async function openWeb(
  config: object = {},
  { secrets = SECRET, environment = {} }: { secrets?: string; environment?: Record<string, string> } = {},
): Promise<OpenWeb> {
  const { app, ledger, root } = await openProject(config, { LINK_SECRET: secrets, ...environment });
  return webOf(app, ledger, root, { wake() {} });
}

/** The same, with a mail server that takes what readers are to confirm. */
export async function openWebWithMail(
  config: object = {},
): Promise<OpenWeb & { readonly smtp: ScriptedServer }> {
  const smtp = await startSmtpServer();
  closing.push(() => smtp.close());
  const { app, ledger, root } = await openProject(config, { LINK_SECRET: SECRET, SMTP_URL: smtp.url });
  const compiled = await compileConfirmations(app);
  if ('findings' in compiled) throw new Error(compiled.findings.map(({ message }) => message).join('\n'));
  const mailer = openMailer(app, ledger, compiled.emails, () => {});
  closing.push(() => mailer.close());
  return { ...webOf(app, ledger, root, mailer, logoOf(app, compiled.emails)), smtp };
}

async function openProject(config: object, environment: Record<string, string>) {
  const project = temporaryProject({}, { ...NAMED, ...config });
  const loaded = await loadConfig(project.root, environment);
  if ('findings' in loaded) throw new Error(loaded.findings.map(({ message }) => message).join('\n'));
  const app = openApp(loaded.config);
  const ledger = await app.openLedger({ create: true, readOnly: false });
  // A test may have closed it, to see what follows.
  closing.push(() => ledger.close().catch(() => {}));
  return { app, ledger, root: project.root };
}

function webOf(
  app: App,
  ledger: Ledger,
  root: string,
  mailer: { wake(): void },
  logo: string | null = null,
): OpenWeb {
  const terminal = openTerminal({ quiet: true, input: false });
  const context = { app, terminal, signal: new AbortController().signal };
  const ports = { ...portsOf(context, ledger, mailer, logo), log() {} };
  const web = createWeb(ports);
  const [secret = ''] = app.config.linkSecrets;
  const answer = async (path: string, request: RequestInit): Promise<Answer> => {
    const response = await web.request(path, request);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    web,
    ledger,
    root,
    ports,
    async campaign(readers, list = 'weekly') {
      const id = randomBytes(8).toString('hex');
      await ledger.record(
        {
          id,
          slug: `issue-${id}`,
          list,
          digest: 'd',
          sender: { name: 'The Broadside', listName: list } as never,
          state: 'running',
          reason: '',
          createdAt: Date.now(),
        },
        'the email',
        readers,
      );
      const rows = new Map(
        (await ledger.deliveries(id, ['queued'], 0, readers.length)).map((row) => [row.key, row.id]),
      );
      return {
        id,
        link(key, action = 'unsubscribe') {
          const signed = linkSigner(secret, { list, key });
          return `/${PATHS[action]}/${signed({ purpose: 'live', action, row: rows.get(key)! })}`;
        },
      };
    },
    get: (path, headers = {}) => answer(path, { headers }),
    post: (path, body, headers = {}) =>
      answer(path, {
        method: 'POST',
        headers,
        body:
          Object.getPrototypeOf(body) === Object.prototype
            ? new URLSearchParams(body as never)
            : (body as BodyInit),
      }),
    suppressed: async (list = 'weekly') => Object.fromEntries(await ledger.suppressions(list)),
  };
}

export const reader = (name: string, fields: Record<string, string> = {}): PlannedReader => ({
  address: `${name}@Example.com`,
  key: `${name}@example.com`,
  fields,
});
