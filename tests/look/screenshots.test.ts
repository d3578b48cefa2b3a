import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPacked, openChromium } from '../support/chromium.ts';
import { seedFolder } from '../support/shared.ts';
import { compileIssue } from './compile-issue.ts';
import { sampleSheets } from './sheets.ts';
import { showEmail, type View } from './show-email.ts';

/**
 * Mails beside pictures of them that somebody looked at. `GOLDENS=write npm test -- tests/look/screenshots` takes the
 * pictures anew: look at each before it is committed.
 */
const GOLDENS = fileURLToPath(new URL('./goldens/', import.meta.url));
const FAILED = fileURLToPath(new URL('../../node_modules/.screenshots/', import.meta.url));

/**
 * At most 1 of 5,000 pixels of a picture of half its size may differ by more than 24 of 255 levels. With the Chromium
 * and the fonts that npm brings, two runs differ in none; another colour for the links differs in 1 of 110, for the
 * borders of two notes in 1 of 2,300; a padding of 2 px more makes another height.
 */
const MOST_PIXELS = 1 / 5_000;
const LEVELS = 24;

const views: Readonly<Record<string, readonly View[]>> = {
  specimen: [
    { width: 600 },
    { width: 600, scheme: 'dark' },
    { width: 375, images: 'off' },
    { width: 320, styles: 'off' },
  ],
  glued: [{ width: 600 }, { width: 320, scheme: 'dark' }, { width: 600, styles: 'off' }],
  hello: [{ width: 375 }],
  persian: [{ width: 600 }, { width: 320, scheme: 'dark' }],
  // A newsletter of somebody else's: too small to be read.
  seed: [{ width: 600 }, { width: 320, scheme: 'dark' }],
};

const sheets = await sampleSheets();
if (seedFolder)
  sheets.push({
    name: 'seed',
    email: await compileIssue(seedFolder, {
      publicUrl: 'https://letters.example.com',
      images: 'embedded',
    }),
  });

let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
  await mkdir(GOLDENS, { recursive: true });
});
afterAll(() => browser.close());

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

async function pixelsOf(webp: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(webp).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** The share of pixels that differ more than they may. */
function difference(one: Pixels, other: Pixels): number {
  let different = 0;
  for (let at = 0; at < one.data.length; at += 3)
    if ([0, 1, 2].some((channel) => Math.abs(one.data[at + channel]! - other.data[at + channel]!) > LEVELS))
      different += 1;
  return different / (one.data.length / 3);
}

async function pictureOf(
  email: (typeof sheets)[number]['email'],
  view: View,
  scale: number,
): Promise<Buffer> {
  const page = await showEmail(browser, email, view);
  const shot = await page.screenshot({ fullPage: true });
  await page.context().close();
  return sharp(shot)
    .resize({ width: Math.round(view.width / scale) })
    .webp({ quality: 50 })
    .toBuffer();
}

if (!isPacked)
  test('mails look as they did', () =>
    console.log('Screenshots are compared with the Chromium and the fonts that npm brings: not here.'));

describe.runIf(isPacked).each(sheets)('$name looks as it did', ({ name, email }) => {
  const named = views[name]!.map((view): [string, View] => [
    Object.entries(view)
      .map(([key, value]) => (key === 'width' ? value : `${key}-${value}`))
      .join('-'),
    view,
  ]);
  test.each(named)('at %s', async (look, view) => {
    const file = `${name}-${look}.webp`;
    const picture = await pictureOf(email, view, name === 'seed' ? 8 : 2);
    if (process.env.GOLDENS === 'write') return writeFile(GOLDENS + file, picture);
    expect(existsSync(GOLDENS + file), `${file} was never taken`).toBe(true);
    const [now, before] = [await pixelsOf(picture), await pixelsOf(await readFile(GOLDENS + file))];
    const size = ({ width, height }: Pixels) => `${width} × ${height}`;
    const differs = size(now) !== size(before) || difference(now, before) > MOST_PIXELS;
    if (differs) {
      await mkdir(FAILED, { recursive: true });
      await writeFile(FAILED + file, picture);
    }
    const hint = `look at ${FAILED}${file}; when it is meant so, take it anew with GOLDENS=write`;
    expect(size(now), hint).toBe(size(before));
    expect(difference(now, before), hint).toBeLessThanOrEqual(MOST_PIXELS);
  });
});

test.runIf(isPacked)('another colour is seen, so that the tests above can fail', async () => {
  const { email } = sheets.find(({ name }) => name === 'specimen')!;
  const other = {
    ...email,
    html: email.html.map((piece) =>
      typeof piece === 'string' ? piece.replaceAll('#1f5fa6', '#8a5200') : piece,
    ),
  };
  const [one, two] = await Promise.all(
    [email, other].map(async (mail) => pixelsOf(await pictureOf(mail, { width: 600 }, 2))),
  );
  expect(difference(one!, one!)).toBe(0);
  expect(difference(one!, two!)).toBeGreaterThan(MOST_PIXELS);
});
