import { fileURLToPath } from 'node:url';
import { compileEmail } from '../../src/email/compile-email.ts';
import type { Email, ReadAsset } from '../../src/email/email.ts';
import { fill } from '../../src/email/stencil.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import type { Newsletter } from '../../src/newsletter.ts';
import { openProject } from '../../src/project.ts';

/** A newsletter with everything set; its own words and addresses. */
export const newsletter: Newsletter = {
  name: 'The Broadside',
  from: { name: 'The Broadside', address: 'news@example.com' },
  replyTo: null,
  postalAddress: '1 Press Lane\nExampleton',
  siteUrl: 'https://news.example.com',
  publicUrl: 'https://mail.example.com',
  unsubscribeMailto: 'leave@example.com',
  bounceAddress: null,
  lang: 'en',
  brand: {
    accent: '#a8321e',
    accentDark: '#ff9d8a',
    background: '#f6f3ee',
    surface: '#ffffff',
    text: '#1f1c19',
    muted: '#665f57',
    logo: null,
    logoWidth: 160,
    fontBody: 'Georgia, serif',
    fontHeading: 'Georgia, serif',
    fontMono: 'Menlo, monospace',
    tagline: null,
  },
  list: 'weekly',
  template: 'newsletter',
  images: 'embedded',
  assetsDir: 'assets',
  segments: {},
  profile: {},
  lists: { weekly: { title: 'Weekly', id: 'weekly.example.com', why: null, open: false } },
  limits: {
    perSecond: null,
    perMinute: null,
    perHour: null,
    perDay: null,
    connections: 1,
    warmUp: null,
    domains: {},
  },
  relays: {},
  dkim: null,
  archive: null,
  silence: [],
};

const project = openProject(fileURLToPath(new URL('../..', import.meta.url)));

/** A PNG of 1 × 1, for every local image. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

/** Compiles Markdown (with or without front matter) in the project's own template. */
export async function compile(
  source: string | Uint8Array,
  changes: Partial<Newsletter> = {},
  path = 'issues/x.md',
  readAsset: ReadAsset = async () => PIXEL,
) {
  const { issue, findings } = parseIssue(path, Buffer.from(source));
  if (!issue) throw new Error(findings.map((finding) => finding.message).join('\n'));
  const template = await project.template('newsletter');
  if ('findings' in template) throw new Error('the template is not there');
  const compiled = await compileEmail(issue, template, { ...newsletter, ...changes }, readAsset);
  return { ...compiled, issue };
}

/** The parts as one reader gets them. */
export function read(email: Email, fields: Record<string, string> = {}) {
  const value = (name: string) =>
    name.startsWith('links.') ? `https://mail.example.com/${name.slice(6)}` : fields[name.slice(11)];
  return {
    subject: fill(email.subject, value, fields),
    html: fill(email.html, value, fields),
    text: fill(email.text, value, fields),
  };
}
