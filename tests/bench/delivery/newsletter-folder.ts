import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const MAIN = join(ROOT, 'src/main.mjs');

/**
 * So many links bring the letter near to what the issue weighs that the project exists for (67 KB as nodemailer writes it):
 * 41 KB of HTML, 18 of text.
 */
const LINKS = 90;

/** A newsletter in a folder of its own, as a user has one, with an issue that makes a mail of 65 KB. */
export interface NewsletterFolder {
  readonly root: string;
  /** The slug of the issue: another one each time that `forget` was called. */
  readonly issue: string;
  /** PEM of an RSA key of 2,048 bits, and the file that holds it. */
  readonly key: string;
  readonly keyFile: string;
  /** Writes the list `weekly` anew. */
  list(readers: number): void;
  /** Forgets what was sent, and begins another issue of the same words. */
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
  const links = Array.from(
    { length: LINKS },
    (_, at) =>
      `- [What changed in part ${at}](https://news.example.com/changes/2026/11/part-${at}-of-what-this-letter-tells-about), in a few words of its own, and who did it.\n`,
  );
  const config = {
    name: 'The Broadside',
    from: 'The Broadside <news@example.com>',
    postalAddress: '1 Press Lane, Exampleton',
    siteUrl: 'https://news.example.com',
    publicUrl: 'https://news.example.com',
    unsubscribeMailto: 'leave@example.com',
    limits: { connections: 10 },
    dkim: { domain: 'example.com', selector: 's1' },
  };
  write('newsletter.config.ts', `export default ${JSON.stringify(config)};\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  write('key.pem', key);
  let number = 0;
  const newIssue = () => {
    rmSync(join(root, `issues/letter-${number}.md`), { force: true });
    number += 1;
    write(
      `issues/letter-${number}.md`,
      `---\ntitle: The letter\n---\nDear {{subscriber.name | "reader"}},\n\n${body}\n${links.join('')}`,
    );
  };
  newIssue();
  return {
    root,
    get issue() {
      return `letter-${number}`;
    },
    key,
    keyFile: join(root, 'key.pem'),
    list(readers) {
      const rows = Array.from({ length: readers }, (_, at) => `reader${at}@example.com,Reader ${at}\n`);
      write('subscribers/weekly.csv', `email,name\n${rows.join('')}`);
    },
    forget() {
      rmSync(join(root, '.broadsheet'), { recursive: true, force: true });
      newIssue();
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
