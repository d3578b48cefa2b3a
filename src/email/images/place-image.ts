import { createHash } from 'node:crypto';
import sharp from 'sharp';

/** An image as it will travel: re-encoded, scaled, measured in CSS pixels. */
export interface PreparedImage {
  readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif';
  readonly width: number;
  readonly height: number;
  /** First 16 hex digits of the SHA-256 of `bytes`. */
  readonly hash: string;
}

/** 50 megapixels: larger ones are bombs, not pictures (a few KB of PNG can hold gigabytes of pixels). */
const PIXELS = 50_000_000;

/** Images that were prepared already, by what they hold: while an author writes, each save would cost 200 ms an image. */
const prepared = new Map<string, Promise<PreparedImage | { readonly fault: string }>>();
const REMEMBERED = 64;

/**
 * Prepares a local image for a column of `columnWidth` CSS pixels: at most twice as wide, animated GIF kept, SVG and
 * WebP and AVIF as PNG, opaque PNG as JPEG where that is much smaller; set on the colour `ground` when it is given.
 * Gives the fault when it cannot be read.
 */
export function prepareImage(
  bytes: Uint8Array,
  columnWidth: number,
  ground: string | null = null,
): Promise<PreparedImage | { readonly fault: string }> {
  const name = `${columnWidth} ${ground} ${createHash('sha256').update(bytes).digest('hex')}`;
  const known = prepared.get(name) ?? prepare(bytes, columnWidth, ground);
  prepared.delete(name);
  prepared.set(name, known);
  if (prepared.size > REMEMBERED) prepared.delete(prepared.keys().next().value!);
  return known;
}

async function prepare(
  bytes: Uint8Array,
  columnWidth: number,
  ground: string | null,
): Promise<PreparedImage | { readonly fault: string }> {
  try {
    const limits = { limitInputPixels: PIXELS, failOn: 'error' } as const;
    // As a person sees it: a phone's portrait may be stored lying down.
    const { format, pages = 1, autoOrient } = await sharp(bytes, limits).metadata();
    const { width, height } = autoOrient;
    if (width * height > PIXELS) return { fault: 'it has more than 50 megapixels' };
    const shown = Math.min(width, columnWidth);
    const size = { width: shown, height: Math.max(1, Math.round((height * shown) / width)) };
    if (format === 'gif' && pages > 1) return seal(bytes, 'image/gif', size);
    // A drawing has no pixels of its own: it is made twice as wide as shown, as pictures are. 72 is one pixel a unit.
    const density = format === 'svg' ? Math.min((72 * 2 * shown) / width, 2400) : 72;
    const image = sharp(bytes, { ...limits, density });
    if (ground) image.flatten({ background: ground });
    const scaled = image.autoOrient().resize({ width: columnWidth * 2, withoutEnlargement: true });
    if (format === 'jpeg')
      return seal(await scaled.jpeg({ quality: 82, mozjpeg: true }).toBuffer(), 'image/jpeg', size);
    const png = await scaled.clone().png({ palette: true, quality: 90, effort: 7 }).toBuffer();
    const { isOpaque } = await sharp(png).stats();
    if (!isOpaque || png.length < 30_000) return seal(png, 'image/png', size);
    const jpeg = await scaled.clone().jpeg({ quality: 82, mozjpeg: true }).toBuffer();
    return jpeg.length < png.length * 0.7 ? seal(jpeg, 'image/jpeg', size) : seal(png, 'image/png', size);
  } catch (error) {
    const message = String((error as Error).message);
    return {
      fault: /pixel limit/i.test(message)
        ? 'it has more than 50 megapixels'
        : 'it is not an image that can be read',
    };
  }
}

function seal(
  bytes: Uint8Array,
  type: PreparedImage['type'],
  size: { width: number; height: number },
): PreparedImage {
  return { bytes, type, ...size, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16) };
}
