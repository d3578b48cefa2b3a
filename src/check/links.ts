import type { LinkUse } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import { found, type Place } from './found.ts';
import { GENERIC_TEXTS } from './generic-texts.ts';
import type { Material } from './material.ts';
import { isPrivateHost } from './private-host.ts';

/** Redirecting short addresses; Spamhaus and SURBL list mail for them, and readers cannot see where they lead. */
const SHORTENERS = new Set(
  (
    'bit.ly bitly.com buff.ly cutt.ly dlvr.it fb.me goo.gl ift.tt is.gd j.mp lnkd.in ow.ly rb.gy rebrand.ly shorturl.at ' +
    'soo.gd t.co t.ly tiny.cc tinyurl.com trib.al v.gd wp.me x.co'
  ).split(' '),
);

/**
 * Rules about links. Relative addresses, fragments without a target and unsafe schemes are reported by the compiler,
 * which resolves them.
 */
export function checkLinks(material: Material): Finding[] {
  const links = material.email.links.filter((link) => link.kind !== 'system');
  const texts = new Map(links.map((link) => [link, textOf(link, material)]));
  return [
    ...links.flatMap((link) =>
      checkLink(link, texts.get(link) ?? null, { path: material.issue.path, ...link }),
    ),
    ...checkAmbiguous(links, texts, material.issue.path),
    ...checkRepeated(links, texts, material),
  ];
}

function checkLink(link: LinkUse, text: string | null, at: Place): Finding[] {
  const findings: Finding[] = [];
  if (link.href.trim() === '' || link.href === '#')
    findings.push(
      found('link-empty', at, 'This link has no address.', 'Give it one, or take the brackets away.'),
    );
  if (text === '')
    findings.push(
      found(
        'link-empty',
        at,
        'This link has no words.',
        'Readers cannot see it, or hear what it is: give it some.',
      ),
    );
  // WCAG 2.2, 2.4.4 and 2.4.9: link purpose; screen readers list links without their sentences.
  if (text && GENERIC_TEXTS.has(fold(text)))
    findings.push(
      found(
        'link-generic',
        at,
        `"${clip(text)}" says nothing about where this link leads.`,
        'Link the words that name the thing.',
      ),
    );
  if (link.kind !== 'link' || !/^(?:https?:)?\/\//i.test(link.href)) return findings;
  const address = link.href.startsWith('//') ? `https:${link.href}` : link.href;
  if (!URL.canParse(address))
    return [
      ...findings,
      found(
        'link-malformed',
        at,
        `"${clip(link.href)}" is not a web address.`,
        'Look for a space or a typing mistake.',
      ),
    ];
  const url = new URL(address);
  // Somebody's intranet, or more often a slip of the finger: https://examplecom/.
  if (/^(?!localhost$)[^.[]+$/.test(url.hostname))
    findings.push(
      found(
        'link-malformed',
        at,
        `"${clip(url.hostname)}" is not the name of a public server.`,
        'Look for a typing mistake.',
      ),
    );
  else if (isPrivateHost(url.hostname))
    findings.push(
      found('link-private', at, `Readers cannot reach ${url.host}.`, 'Write the public address.'),
    );
  else if (url.protocol === 'http:')
    findings.push(
      found(
        'link-insecure',
        at,
        `${clip(link.href)} is not encrypted.`,
        'Write https:// if the site has it.',
      ),
    );
  if (SHORTENERS.has(url.hostname.replace(/^www\./, '')) && url.pathname.length > 1)
    findings.push(
      found(
        'link-shortener',
        at,
        `${url.hostname} hides where this link leads; spam filters distrust it.`,
        'Write the address it leads to.',
      ),
    );
  return findings;
}

/** One text, several addresses: heard in a list of links they are the same (WCAG 2.2, 2.4.9). Generic texts have their own rule. */
function checkAmbiguous(
  links: readonly LinkUse[],
  texts: ReadonlyMap<LinkUse, string | null>,
  path: string,
): Finding[] {
  const findings: Finding[] = [];
  const firsts = new Map<string, LinkUse>();
  const told = new Set<string>();
  for (const link of links) {
    const text = fold(texts.get(link) ?? '');
    if (text === '' || GENERIC_TEXTS.has(text)) continue;
    const first = firsts.get(text);
    if (!first) firsts.set(text, link);
    else if (!sameTarget(first.href, link.href) && !told.has(text)) {
      told.add(text);
      findings.push(
        found(
          'link-ambiguous',
          { path, ...link },
          `"${clip(text)}" also links elsewhere, on line ${first.line}.`,
          'Give each its own words.',
        ),
      );
    }
  }
  return findings;
}

/**
 * Two links to one place with the same words, one after the other in a paragraph: a picture and its caption, or a slip.
 * Read aloud they are a stutter (WCAG 2.2, technique H2: combine them).
 */
function checkRepeated(
  links: readonly LinkUse[],
  texts: ReadonlyMap<LinkUse, string | null>,
  { issue }: Material,
): Finding[] {
  const lines = issue.body.split('\n');
  const apart = (one: LinkUse, other: LinkUse) =>
    lines.slice(one.line - issue.bodyLine, other.line - issue.bodyLine).some((line) => line.trim() === '');
  return links.slice(1).flatMap((link, index) => {
    const before = links[index]!;
    const text = fold(texts.get(link) ?? '');
    if (text === '' || text !== fold(texts.get(before) ?? '')) return [];
    if (link.href !== before.href || apart(before, link)) return [];
    return [
      found(
        'link-repeated',
        { path: issue.path, ...link },
        `"${clip(text)}" is linked twice to the same place.`,
        'One link is enough: join them.',
      ),
    ];
  });
}

/** The words of a link; null when they cannot be told. Markup is stripped; an image counts with its alt text. */
function textOf(link: LinkUse, material: Material): string | null {
  if (link.text !== '') return strip(link.text);
  const { body, bodyLine } = material.issue;
  const lines = body.split('\n').slice(link.line - bodyLine);
  const source = lines.join('\n').slice(link.column - 1, link.column + 4000);
  if (/^\[\]/.test(source)) return '';
  const inner = /^<a\s[^>]*>([\s\S]*?)<\/a\s*>/i.exec(source)?.[1];
  return inner === undefined ? null : strip(inner);
}

function strip(text: string): string {
  return text
    .replace(/<img\s[^>]*?alt\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>/gi, (_tag, a, b) => a ?? b ?? '')
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>/g, '')
    .replace(/&nbsp;/g, ' ')
    .replace(/[*_`~\\]/g, '')
    .trim();
}

/** Trivial differences do not make another place. */
function sameTarget(one: string, other: string): boolean {
  const plain = (href: string) =>
    href
      .replace(/^https?:\/\/(?:www\.)?/i, '')
      .replace(/\/+$/, '')
      .toLowerCase();
  return plain(one) === plain(other);
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
    .replace(/\s+/g, ' ');
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
