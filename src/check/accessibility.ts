import type { Finding } from '../finding.ts';
import { contrast, parseColour } from './contrast.ts';
import { found } from './found.ts';
import type { Material } from './material.ts';

/** Rules about structure and colours (WCAG 2.2: 1.3.1, 1.4.3, 2.4.6). */
export function checkAccessibility(material: Material): Finding[] {
  return [...checkHeadings(material), ...checkColours(material)];
}

/** The mail's title is its h1, so the body may begin at level 1 or 2 and never skip one on the way down. */
function checkHeadings({ prose, at }: Material): Finding[] {
  const findings: Finding[] = [];
  let level = 1;
  for (const match of prose.matchAll(
    /^ {0,3}(#{1,6})(?:[ \t]+([^\n]*))?$|^(?! {0,3}(?:[-*+>]|\d+[.)])[ \t])(\S[^\n]*)\n {0,3}(=+|-+)[ \t]*$/gm,
  )) {
    const depth = match[1]?.length ?? (match[4]!.startsWith('=') ? 1 : 2);
    const text = (match[2] ?? match[3] ?? '').replace(/[ \t]+#+[ \t]*$/, '').trim();
    if (/^#*$/.test(text))
      findings.push(
        found('heading-empty', at(match.index), 'This heading has no words.', 'Write some, or delete it.'),
      );
    else if (depth > level + 1)
      findings.push(
        found(
          'heading-order',
          at(match.index),
          `A heading of level ${depth} follows one of level ${level}.`,
          `Write ${'#'.repeat(level + 1)}: screen readers move by levels.`,
        ),
      );
    level = depth;
  }
  return findings;
}

/** The dark design's surface; close enough to black that every dark theme judges alike. */
const DARK = parseColour('#1c1b19')!;

/**
 * Text colours that the author set: at least 4.5:1 on the light surface, and 3:1 on the dark one when no background
 * comes along. No colour reaches 4.5:1 on both; 3:1 is what WCAG asks of large text.
 */
function checkColours({ prose, at, newsletter }: Material): Finding[] {
  const findings: Finding[] = [];
  for (const match of prose.matchAll(/<[a-z][^>\n]{0,500}>/gi)) {
    const style = /\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(match[0]);
    const declared = (name: string) =>
      new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, 'i').exec(style?.[1] ?? style?.[2] ?? '')?.[1];
    const written = declared('color') ?? /^<font\s[^>]*\bcolor\s*=\s*["']?([^"'\s>]+)/i.exec(match[0])?.[1];
    const under = declared('background-color') ?? /\sbgcolor\s*=\s*["']?([^"'\s>]+)/i.exec(match[0])?.[1];
    const background = under ? parseColour(under) : null;
    if (under && !background) continue;
    // On a colour of its own, text that names none has the newsletter's.
    const shown = written ?? (background ? newsletter.brand.text : '');
    const colour = parseColour(shown);
    if (!colour) continue;
    const light = contrast(colour, background ?? parseColour(newsletter.brand.surface)!);
    const dark = background ? light : contrast(colour, DARK);
    if (light < 4.5 || dark < 3)
      findings.push(
        found(
          'contrast',
          at(match.index),
          light < 4.5
            ? `${shown.trim()} ${background ? `on ${under!.trim()} ` : ''}has a contrast of ${light.toFixed(1)}:1; 4.5:1 is readable.`
            : `${shown.trim()} has a contrast of ${dark.toFixed(1)}:1 in the dark design; 3:1 is the least.`,
          'Choose another colour, or leave it to the template.',
        ),
      );
  }
  return findings;
}
