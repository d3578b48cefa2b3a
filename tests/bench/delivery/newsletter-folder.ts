import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const MAIN = join(ROOT, 'src/main.mjs');

/** A newsletter in a folder of its own, as a user has one, with an issue of about 25 KB of Markdown. */
export interface NewsletterFolder {
  readonly root: string;
  /** PEM of an RSA key of 2,048 bits, and the file that holds it. */
  readonly key: string;
  readonly keyFile: string;
  /** Writes the list `weekly` anew. */
  list(readers: number): void;
  /** Forgets what was sent. */
  forget(): void;
  remove(): void;
}

export function newsletterFolder(): NewsletterFolder {
  const root = mkdtempSync(join(tmpdir(), 'broadsheet-bench-'));
  const write = (path: string, content: string) => writeFileSync(join(root, path), content);
  for (const folder of ['issues', 'subscribers']) mkdirSync(join(root, folder));
  cpSync(join(ROOT, 'templates'), join(root, 'templates'), { recursive: true });
  cpSync(join(ROOT, 'issues/pictures'), join(root, 'issues/pictures'), { recursive: true });
  const specimen = readFileSync(join(ROOT, 'issues/2026-10-specimen.md'), 'utf8');
  const body = specimen.replace(/^---[\s\S]*?---\n/, '');
  const long = Array.from({ length: Math.ceil(25_000 / body.length) }, () => body).join('\n');
  write('issues/letter.md', `---\ntitle: The letter\n---\nDear {{subscriber.name | "reader"}},\n\n${long}`);
  const config = (dkim: object | null) => ({
    name: 'The Broadside',
    from: 'The Broadside <news@example.com>',
    postalAddress: '1 Press Lane, Exampleton',
    siteUrl: 'https://news.example.com',
    publicUrl: 'https://news.example.com',
    unsubscribeMailto: 'leave@example.com',
    limits: { connections: 10 },
    dkim,
  });
  write(
    'newsletter.config.ts',
    `const config = ${JSON.stringify(config({ domain: 'example.com', selector: 's1' }))};\nexport default config;\n`,
  );
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  write('key.pem', key);
  return {
    root,
    key,
    keyFile: join(root, 'key.pem'),
    list(readers) {
      const rows = Array.from({ length: readers }, (_, at) => `reader${at}@example.com,Reader ${at}\n`);
      write('subscribers/weekly.csv', `email,name\n${rows.join('')}`);
    },
    forget: () => rmSync(join(root, '.broadsheet'), { recursive: true, force: true }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
