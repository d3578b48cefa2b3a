import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import type { Material } from './material.ts';

/** Markup of other systems, by what it looks like outside code. Each alternative is bounded, so the search is linear. */
const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/(?<!\{)\{%-?[^%\n]{1,300}-?%\}/g, 'Liquid, Jinja or Nunjucks'],
  [/\{\{[<%][^\n]{1,300}?[>%]\}\}/g, 'Hugo'],
  [
    /\{\{-?\s{0,5}(?:page|site|post|include|relref|ref|user|first_?name|email|name|unsubscribe)\b[^}\n]{0,200}\}\}/gi,
    'another template language',
  ],
  [/\*\|[A-Z][A-Z0-9_:]{1,40}\|\*/g, 'Mailchimp'],
  [
    /(?<![\w\]])\[(?:caption|gallery|embed|audio|video|playlist|shortcode|vc_row)\b[^\]\n]{0,300}\](?![([])/g,
    'WordPress',
  ],
  [/<%[=-]?[^%\n]{1,300}%>/g, 'ERB or EJS'],
  [/!?\[\[[^\][\n]{1,100}\]\](?!\()/g, 'Obsidian or a wiki'],
  [/^ {0,3}(?:!!!|\?\?\?\+?) [a-z][^\n]{0,100}$/gm, 'MkDocs'],
  [/^\*\[[^\]\n]{1,60}\]: [^\n]{1,200}$/gm, 'kramdown or Pandoc'],
  [/^:::+ ?\{?(?!if\b|else\b)[a-z][^\n]{0,100}$/gim, 'Docusaurus, VuePress or Pandoc'],
  [/\{(?:filename|static|attach|tag|category)\}/g, 'Pelican'],
  [
    /^(?:import\s[^\n]{1,200}\sfrom\s+["'][^"'\n]{1,200}["'];?|export\s(?:const|default)\s[^\n]{0,200})$/gm,
    'MDX',
  ],
];

/** What a person left for later. Case is told apart where the word is also a plain one. */
const PLACEHOLDERS =
  /\blorem ipsum\b|\bLorem ipsum\b|\b(?:TODO|FIXME|XXX)(?=[:(])|\bTKTK\b|\[(?:TODO|TBD|insert [^\]\n]{1,60})\](?!\()/g;

/** Markup that means something to another system, and words that wait to be written: readers would see both. */
export function checkLeftovers({ prose, at }: Material): Finding[] {
  return [
    ...LEFTOVERS.flatMap(([pattern, system]) =>
      [...prose.matchAll(pattern)].map((match) => {
        const offset = match.index + (/^\s*/.exec(match[0])?.[0].length ?? 0);
        return found(
          'leftover',
          at(offset),
          `"${clip(match[0].trim())}" means something to ${system}; readers would see it as it is.`,
          'Delete it, or put it in `code`.',
        );
      }),
    ),
    ...[...prose.matchAll(PLACEHOLDERS)].map((match) =>
      found(
        'placeholder',
        at(match.index),
        `"${clip(match[0])}" looks unfinished.`,
        'Finish it before it is sent.',
      ),
    ),
  ];
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
