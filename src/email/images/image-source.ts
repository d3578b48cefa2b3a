import type { EmbeddedImage, HostedImage, ReadAsset } from '../email.ts';
import { type PreparedImage, prepareImage } from './place-image.ts';

/** What stands in `src` of one image, or why nothing can. */
export type PlacedImage =
  | { readonly kind: 'remote'; readonly src: string }
  | {
      readonly kind: 'local';
      readonly src: string;
      readonly width: number;
      readonly height: number;
      readonly size: number;
    }
  | { readonly kind: 'fault'; readonly rule: string; readonly fault: string };

/** Places images: local ones are read, prepared and kept once; remote ones keep their address. */
export interface ImagePlacer {
  /** `as` is for an image that is not the column's: its width, and a colour to set it on where it is transparent. */
  place(src: string, as?: { readonly width: number; readonly ground: string }): Promise<PlacedImage>;
  readonly embedded: readonly EmbeddedImage[];
  readonly hosted: readonly HostedImage[];
}

/**
 * Opens a placer for one email. `folders` are the issue's, and the one where addresses from the root (`/logo.png`) also look; `hostedAt` the https address where prepared images will be
 * published, or null: they travel inside the message as `cid:`. `resolve` gives the website's address of a path.
 */
export function openImagePlacer(
  folders: { readonly issue: string; readonly assets: string },
  columnWidth: number,
  hostedAt: string | null,
  readAsset: ReadAsset,
  resolve: (src: string) => string | null,
): ImagePlacer {
  const placed = new Map<string, Promise<PlacedImage>>();
  const embedded = new Map<string, EmbeddedImage>();
  const hosted = new Map<string, HostedImage>();

  const keep = (image: PreparedImage, path: string): PlacedImage => {
    const stem =
      path
        .split('/')
        .at(-1)!
        .replace(/\.[^.]*$/, '')
        .replace(/[^\w-]+/g, '-')
        .slice(0, 60) || 'image';
    const filename = `${stem}-${image.hash}.${image.type.split('/')[1]!.replace('jpeg', 'jpg')}`;
    const { bytes, type, width, height } = image;
    const local = { kind: 'local', width, height, size: bytes.length } as const;
    // Byte-identical images are published, or travel, once: under the name of the first.
    if (hostedAt !== null) {
      const known = hosted.get(image.hash) ?? { path: `/images/${filename}`, type, bytes };
      hosted.set(image.hash, known);
      return { ...local, src: `${hostedAt}${known.path}` };
    }
    const known = embedded.get(image.hash) ?? { cid: `${image.hash}@images`, type, filename, bytes };
    embedded.set(image.hash, known);
    return { ...local, src: `cid:${known.cid}` };
  };

  const place = async (src: string, width: number, ground: string | null): Promise<PlacedImage> => {
    if (/^https?:\/\//i.test(src)) return { kind: 'remote', src };
    if (src.startsWith('//')) return { kind: 'remote', src: `https:${src}` };
    if (/^[a-z][a-z\d+.-]*:/i.test(src))
      return {
        kind: 'fault',
        rule: 'image-address',
        fault: `mail clients do not show ${src.slice(0, src.indexOf(':') + 1)} images`,
      };
    const path = decode(src.split(/[?#]/)[0]!);
    for (const candidate of path.startsWith('/')
      ? [`.${path}`, `./${folders.assets}${path}`]
      : [`${folders.issue}/${path}`]) {
      const bytes = await readAsset(candidate);
      if (bytes === null) continue;
      if ('refused' in bytes) return { kind: 'fault', rule: 'image-refused', fault: bytes.refused };
      const image = await prepareImage(bytes, width, ground);
      return 'fault' in image
        ? { kind: 'fault', rule: 'image-unreadable', fault: image.fault }
        : keep(image, path);
    }
    // From the root it may be a file of the website; beside the issue it was meant to be here, and is not.
    const address = path.startsWith('/') ? resolve(src) : null;
    if (address) return { kind: 'remote', src: address };
    return { kind: 'fault', rule: 'image-missing', fault: 'there is no such file' };
  };

  return {
    place(src, as) {
      const name = as ? `${as.width} ${as.ground} ${src}` : src;
      const known = placed.get(name) ?? place(src, as?.width ?? columnWidth, as?.ground ?? null);
      placed.set(name, known);
      return known;
    },
    get embedded() {
      return [...embedded.values()];
    },
    get hosted() {
      return [...hosted.values()];
    },
  };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
