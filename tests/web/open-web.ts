import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import { afterAll } from 'vitest';
import { openApp } from '../../src/app.ts';
import { type LinkAction, linkSigner } from '../../src/audience/links.ts';
import type { PlannedReader } from '../../src/campaign/campaign.ts';
import { portsOf } from '../../src/commands/serve/ports-of.ts';
import { loadConfig } from '../../src/config.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openTerminal } from '../../src/terminal.ts';
import { createWeb } from '../../src/web/create-web.ts';
import { temporaryProject } from '../support/temporary-project.ts';

export const SECRET = 'a link secret of the tests';
export const NAMED = {
  publicUrl: 'https://letters.example.com',
  lists: { weekly: { title: 'The weekly letter' }, monthly: { title: 'The monthly letter' } },
};

const ledgers: Ledger[] = [];
afterAll(async () => {
  for (const ledger of ledgers) await ledger.close();
});

export interface OpenWeb {
  readonly web: Hono;
  readonly ledger: Ledger;
  readonly root: string;
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

/** The public server of a project of its own over a real ledger, asked without a port. */
export async function openWeb(config: object = {}, secrets = SECRET): Promise<OpenWeb> {
  const project = temporaryProject({}, { ...NAMED, ...config });
  const loaded = await loadConfig(project.root, { LINK_SECRET: secrets });
  if ('findings' in loaded) throw new Error(loaded.findings.map(({ message }) => message).join('\n'));
  const app = openApp(loaded.config);
  const ledger = await app.openLedger({ create: true, readOnly: false });
  ledgers.push(ledger);
  const terminal = openTerminal({ quiet: true, input: false });
  const web = createWeb(portsOf({ app, terminal, signal: new AbortController().signal }, ledger));
  const answer = async (path: string, request: RequestInit): Promise<Answer> => {
    const response = await web.request(path, request);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    web,
    ledger,
    root: project.root,
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
          const signed = linkSigner(secrets.split(',')[0]!, { list, key });
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
