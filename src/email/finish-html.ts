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
  columnWidth: number,
): string {
  return html
    .replace(/<img ([^>]*)>/g, (_whole, attributes: string) => image(attributes, images, columnWidth))
    .replace(
      /(<a [^>]*?href=")([^"]*)"/g,
      (_whole, before: string, href: string) => `${before}${quote(resolve(unescapeEntities(href)))}"`,
    );
}

function image(attributes: string, images: ReadonlyMap<string, PlacedImage>, columnWidth: number): string {
  const value = (name: string) => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  const src = unescapeEntities(value('src') ?? '');
  const alt = value('alt') ?? '';
  const placed = images.get(src) ?? { kind: 'remote', src };
  if (placed.kind === 'fault' || placed.src === '') return alt ? `<em>[${alt}]</em>` : '';
  const given = (name: string) => (/^\d{1,4}$/.test(value(name) ?? '') ? Number(value(name)) : null);
  const [width, height] = sizeOf(placed, given('width'), given('height'), columnWidth);
  const size = (width ? ` width="${width}"` : '') + (height ? ` height="${height}"` : '');
  const title = value('title') ? ` title="${value('title')}"` : '';
  return `<img src="${quote(placed.src)}" alt="${alt}"${size}${title}>`;
}

/** Width and height as the author gave one of them, but no wider than a local picture is, or the column: Outlook obeys. */
function sizeOf(
  placed: PlacedImage,
  width: number | null,
  height: number | null,
  columnWidth: number,
): (number | null)[] {
  const own = placed.kind === 'local' ? placed : null;
  const ratio = own ? own.height / own.width : width && height ? height / width : null;
  const wanted = width ?? (height && ratio ? height / ratio : (own?.width ?? null));
  if (wanted === null) return [null, height];
  const shown = Math.max(Math.min(Math.round(wanted), own?.width ?? columnWidth), 1);
  return [shown, ratio ? Math.max(Math.round(shown * ratio), 1) : null];
}

function quote(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
