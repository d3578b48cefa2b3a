import type { Section } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import { GMAIL_CLIP } from './gmail-clip.ts';
import type { Material } from './material.ts';

const NEAR = 90_000;

/**
 * The size of the HTML part against Gmail's limit, in its largest reading. Over the limit the finding stands at the
 * section in which Gmail cuts and names the biggest ones.
 */
export function checkSize(material: Material): Finding[] {
  const { email, issue, html } = material;
  const size = octets(html);
  if (size < NEAR) return [];
  const biggest = email.sections
    .toSorted((one, other) => other.size - one.size)
    .slice(0, 3)
    .map((section) => `${name(section)} (${kilobytes(section.size)})`)
    .join(', ');
  const hint = `Shorten it, or link to the rest on the web. The biggest parts: ${biggest || 'none'}.`;
  if (size <= GMAIL_CLIP)
    return [
      found(
        'html-large',
        material.atKey('title'),
        `The HTML has ${kilobytes(size)}; Gmail cuts at 102 KB.`,
        hint,
      ),
    ];
  const cut = cutSection(material);
  const place = { path: issue.path, line: cut?.line ?? 1, column: 1 };
  const where = cut ? `in ${name(cut)}` : 'before the end';
  return [
    found(
      'html-clipped',
      place,
      `The HTML has ${kilobytes(size)}: Gmail cuts ${where} and hides the rest, the unsubscribe link too.`,
      hint,
    ),
  ];
}

/** The section that holds the octet at which Gmail cuts: the last one whose anchor comes before it. */
function cutSection({ email, html }: Material): Section | null {
  const kept = new TextDecoder().decode(new TextEncoder().encode(html).subarray(0, GMAIL_CLIP));
  const begun = email.sections.filter(
    ({ id }) => id !== '' && (kept.includes(`id="s-${id}"`) || kept.includes(`id="${id}"`)),
  );
  return begun.at(-1) ?? email.sections[0] ?? null;
}

function name(section: Section): string {
  return section.title === '' ? 'the part before the first heading' : `"${section.title}"`;
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length;
}

function kilobytes(count: number): string {
  return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} KB`;
}
