import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import type { Material } from './material.ts';
import { isPrivateHost } from './private-host.ts';

const KB = 1000;

/** Rules about images: alternative text, address, weight, and text beside them. Missing files are reported by the compiler. */
export function checkImages(material: Material): Finding[] {
  const { images } = material.email;
  return [
    ...images.flatMap((image) => {
      const at = { path: material.issue.path, ...image };
      const findings: Finding[] = [];
      const name = image.src.split(/[?#]/)[0]!.split('/').at(-1)!;
      const isPixel = image.width !== null && image.width <= 1;
      // WCAG 2.2, 1.1.1. An alt that is empty on purpose is written in HTML: <img alt="">.
      if (image.alt.trim() === '' && !isPixel && !isDecorative(material, image))
        findings.push(
          found(
            'image-alt',
            at,
            `The image ${clip(name)} has no alternative text.`,
            'Say what it shows: ![what it shows](…). Many readers see no images at first.',
          ),
        );
      else if (
        /^(?:image|img|picture|photo|screenshot|alt text)$/i.test(image.alt.trim()) ||
        /^[\w-]+\.(?:png|jpe?g|gif|webp|svg)$/i.test(image.alt.trim())
      )
        findings.push(
          found(
            'image-alt-name',
            at,
            `"${clip(image.alt)}" does not say what the image shows.`,
            'Describe it in a few words.',
          ),
        );
      if (URL.canParse(image.src) && /^https?:/i.test(image.src)) {
        const url = new URL(image.src);
        if (isPrivateHost(url.hostname))
          findings.push(
            found('image-private', at, `Readers cannot reach ${url.host}.`, 'Put the file beside the issue.'),
          );
        else if (url.protocol === 'http:')
          findings.push(
            found(
              'image-insecure',
              at,
              'Many mail clients do not load images over http:.',
              'Write https://, or put the file beside the issue.',
            ),
          );
      }
      if (image.size > 300 * KB)
        findings.push(
          found(
            'image-heavy',
            at,
            `The image ${clip(name)} weighs ${kilobytes(image.size)}.`,
            'Below 300 KB it shows at once on a phone.',
          ),
        );
      return findings;
    }),
    ...checkTotal(material),
    ...checkRatio(material),
  ];
}

function checkTotal(material: Material): Finding[] {
  const once = new Map(material.email.images.map((image) => [image.src, image]));
  const total = [...once.values()].reduce((sum, image) => sum + image.size, 0);
  const largest = material.email.images.toSorted((one, other) => other.size - one.size)[0];
  if (!largest || total <= 1000 * KB) return [];
  return [
    found(
      'images-heavy',
      { path: material.issue.path, ...largest },
      `The images weigh ${kilobytes(total)} together; this is the largest.`,
      'Stay below 1 MB: fewer, or smaller ones.',
    ),
  ];
}

/** SpamAssassin's HTML_IMAGE_RATIO_02 and _04 (rules/20_html_tests.cf): characters of text per square pixel of images. */
function checkRatio(material: Material): Finding[] {
  const area = material.email.images.reduce(
    (sum, image) => sum + (image.width ?? 0) * (image.height ?? 0),
    0,
  );
  const first = material.email.images[0];
  const letters = material.text.replace(/\s+/g, ' ').length;
  if (!first || area === 0 || letters / area > 0.004) return [];
  return [
    found(
      'text-ratio',
      { path: material.issue.path, ...first },
      'There is little text beside large images.',
      'Say in words what the images show: filters and readers without images need it.',
    ),
  ];
}

/** Raw HTML with `alt=""` says on purpose that an image only decorates. */
function isDecorative(material: Material, at: { line: number; column: number }): boolean {
  const line = material.issue.body.split('\n')[at.line - material.issue.bodyLine] ?? '';
  return /^<img\s[^>]*\balt\s*=\s*(?:""|'')/i.test(line.slice(at.column - 1));
}

function kilobytes(octets: number): string {
  return octets < 1000 * KB ? `${Math.round(octets / KB)} KB` : `${(octets / KB / 1000).toFixed(1)} MB`;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
