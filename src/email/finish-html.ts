import type { PlacedImage } from './images/image-source.ts';
import { unescapeEntities } from './markdown/entities.ts';

/**
 * Gives sanitised HTML its final addresses: images as placed, with width and height, links as `resolve` says. It is
 * well formed and quoted by the sanitiser, so its tags can be matched.
 */
export function finishHtml(
  html: string,
  images: ReadonlyMap<string, PlacedImage>,
  resolve: (href: string) => string,
): string {
  return html
    .replace(/<img ([^>]*)>/g, (_whole, attributes: string) => image(attributes, images))
    .replace(
      /(<a [^>]*?href=")([^"]*)"/g,
      (_whole, before: string, href: string) => `${before}${quote(resolve(unescapeEntities(href)))}"`,
    );
}

function image(attributes: string, images: ReadonlyMap<string, PlacedImage>): string {
  const value = (name: string) => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  const src = unescapeEntities(value('src') ?? '');
  const alt = value('alt') ?? '';
  const placed = images.get(src) ?? { kind: 'remote', src };
  if (placed.kind === 'fault' || placed.src === '') return alt ? `<em>[${alt}]</em>` : '';
  const given = (name: string) => (/^\d{1,4}$/.test(value(name) ?? '') ? ` ${name}="${value(name)}"` : '');
  const size =
    placed.kind === 'local'
      ? ` width="${placed.width}" height="${placed.height}"`
      : given('width') + given('height');
  const title = value('title') ? ` title="${value('title')}"` : '';
  return `<img src="${quote(placed.src)}" alt="${alt}"${size}${title}>`;
}

function quote(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
