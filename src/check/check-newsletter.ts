import type { Finding } from '../finding.ts';
import type { Newsletter } from '../newsletter.ts';
import { contrast, parseColour } from './contrast.ts';
import { found } from './found.ts';
import type { RuleName } from './rules.ts';

/** What the configuration lacks that the law, mailbox providers or readers ask for. `path` as findings name the file. */
export function checkNewsletter(newsletter: Newsletter, path: string): Finding[] {
  const findings: Finding[] = [];
  const add = (rule: RuleName, message: string, hint: string) =>
    findings.push(found(rule, { path, line: 1, column: 1 }, message, hint));
  const { postalAddress, publicUrl, unsubscribeMailto, siteUrl, brand } = newsletter;
  if (!postalAddress?.trim())
    add(
      'postal-address',
      'There is no "postalAddress".',
      'Bulk mail must carry one (15 U.S.C. §7704(a)(5)).',
    );
  if (publicUrl === null && unsubscribeMailto === null)
    add('no-unsubscribe', 'Readers have no way to unsubscribe.', 'Set "publicUrl", or "unsubscribeMailto".');
  else if (publicUrl === null)
    add(
      'public-url',
      'There is no "publicUrl": readers unsubscribe by mail, and no one-click is offered.',
      'Gmail and Yahoo ask one-click (RFC 8058) of senders of 5,000 mails a day.',
    );
  if (siteUrl === null)
    add(
      'site-url',
      'There is no "siteUrl": relative links lead nowhere.',
      'Set it to the address of your website.',
    );
  for (const [name, colour, surface] of [
    ['text', brand.text, brand.surface],
    ['muted', brand.muted, brand.surface],
    ['muted', brand.muted, brand.background],
    ['accent', brand.accent, brand.surface],
  ] as const) {
    const [front, back] = [parseColour(colour), parseColour(surface)];
    const ratio = front && back ? contrast(front, back) : 21;
    if (ratio < 4.5)
      add(
        'contrast',
        `brand.${name} ${colour} on ${surface} has a contrast of ${ratio.toFixed(1)}:1.`,
        'Text needs 4.5:1 (WCAG 2.2, 1.4.3).',
      );
  }
  return findings;
}
