import type { Token, Tokens } from 'marked';
import type { ImageUse, LinkUse } from './email.ts';
import type { Holes } from './holes.ts';
import type { ImagePlacer, PlacedImage } from './images/image-source.ts';
import { unescapeEntities } from './markdown/entities.ts';
import { LONGEST_TEXT, walk } from './markdown/lexer.ts';
import { openElements } from './markdown/open-elements.ts';
import { readHtml } from './markdown/read-html.ts';
import { plainText } from './markdown/render-html.ts';
import type { Places } from './places.ts';
import type { Place, Report } from './report.ts';
import type { Resolver } from './resolve-link.ts';

/** The links and images of a body, in its order. */
export interface Survey {
  readonly links: readonly LinkUse[];
  readonly images: readonly ImageUse[];
  /** By the address as it stands in the HTML before it is finished. */
  readonly placed: ReadonlyMap<string, PlacedImage>;
}

/** What was meant to be HTML, but the lexer did not find its end and left it in the text. */
const UNCLOSED = /<!--|<\/?[a-z][a-z\d]{0,20}\s{1,9}[a-z-]{1,20}(?==)/i;

/** Goes once over a body: images are read and prepared, links checked, and what will be taken out is reported. */
export async function survey(
  tokens: readonly Token[],
  means: {
    readonly holes: Holes;
    readonly places: Places;
    readonly placer: ImagePlacer;
    readonly resolver: Resolver;
    readonly report: Report;
  },
): Promise<Survey> {
  const { holes, places, placer, resolver, report } = means;
  const links: LinkUse[] = [];
  const images: ImageUse[] = [];
  const placed = new Map<string, PlacedImage>();

  const noteLink = (href: string, text: string, at: Place) => {
    const kind = href.startsWith('#') ? 'fragment' : /^mailto:/i.test(href) ? 'mailto' : 'link';
    links.push({ href: holes.restore(href), text: holes.restore(text), kind, ...at });
    resolver.check(href, at, report);
  };
  const noteImage = async (src: string, alt: string, at: Place) => {
    // A reader's own picture can only be somewhere on the web.
    const image: PlacedImage = holes.begins(src) ? { kind: 'remote', src } : await placer.place(src);
    placed.set(src, image);
    if (image.kind === 'fault')
      report(
        'error',
        image.rule,
        at,
        `The image "${src.slice(0, 80)}" cannot be shown: ${image.fault}.`,
        'Put the file beside the issue, or give its https address.',
      );
    const { width, height, size } = image.kind === 'local' ? image : { width: null, height: null, size: 0 };
    images.push({ src: holes.restore(src), alt: holes.restore(alt), width, height, size, ...at });
  };

  const all = walk(tokens);
  for (const { name, piece, offset } of openElements(all.filter(({ type }) => type === 'html')))
    report(
      'warning',
      'html-unclosed',
      places.within(places.of(piece), piece.raw, offset),
      `<${name}> is never closed, so it ends with its paragraph or section.`,
      'Close it, or delete it.',
    );
  for (const token of all) {
    if (token.type === 'link')
      noteLink(unescapeEntities((token as Tokens.Link).href), (token as Tokens.Link).text, places.of(token));
    else if (token.type === 'image')
      await noteImage(
        unescapeEntities((token as Tokens.Image).href),
        plainText((token as Tokens.Image).tokens),
        places.of(token),
      );
    else if (token.type === 'html') {
      const start = places.of(token);
      const at = (offset: number) => places.within(start, token.raw, offset);
      const html = readHtml(token.raw);
      for (const { offset, rule, message, hint } of html.faults)
        report('warning', rule, at(offset), message, hint);
      for (const { src, alt, offset } of html.images) await noteImage(src, alt, at(offset));
      for (const { href, offset } of html.links) noteLink(href, '', at(offset));
    } else if (token.type === 'text' && token.raw.length > LONGEST_TEXT)
      report(
        'warning',
        'text-long',
        places.of(token),
        'A text this long is sent as it is, without emphasis and links.',
        'Divide it by blank lines.',
      );
    else if (token.type === 'text' && !('tokens' in token)) {
      const tag = UNCLOSED.exec(token.raw);
      if (tag)
        report(
          'warning',
          'html-unclosed',
          places.within(places.of(token), token.raw, tag.index),
          `"${tag[0]}" is never closed, so readers will see it.`,
          'Close it, or delete it.',
        );
    }
  }
  return { links, images, placed };
}
