import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import type { Email } from '../../src/email/email.ts';
import { openChromium } from '../support/chromium.ts';
import { compileIssue } from './compile-issue.ts';
import { showEmail } from './show-email.ts';

/**
 * `node tests/look/picture.ts` makes the README's picture: the specimen on a desktop and on a phone, light and dark.
 * It is set in the machine's own fonts; with Georgia, or one of its measures, it is what most readers see.
 */
const TARGET = fileURLToPath(new URL('../../templates/picture.png', import.meta.url));
const HEAVIEST = 300_000;

process.env.FONTCONFIG_FILE ??= '/etc/fonts/fonts.conf';
const browser = await openChromium();
const email = await compileIssue('specimen', {
  publicUrl: 'https://letters.broadsheet.example.com',
  images: 'embedded',
});
const shots = await Promise.all(
  (['light', 'dark'] as const).map(async (scheme) => ({
    scheme,
    desktop: await shoot(browser, email, scheme, { width: 820, height: 1060 }),
    phone: await shoot(browser, email, scheme, { width: 375, height: 780 }, '#code'),
  })),
);
const page = await browser.newPage({ viewport: { width: 1600, height: 860 } });
await page.setContent(`<style>
  body { margin: 0; display: flex; height: 860px; background: #ddd5c8; }
  section { flex: 1; position: relative; overflow: hidden; }
  section.dark { background: #35312c; }
  img { position: absolute; display: block; }
  .desktop { left: 48px; top: 48px; width: 640px; border-radius: 10px 10px 0 0; box-shadow: 0 8px 40px #0005; }
  .phone { right: 40px; bottom: -70px; width: 270px; border: 9px solid #14120f; border-radius: 34px; box-shadow: 0 10px 36px #0007; }
</style>${shots
  .map(
    ({ scheme, desktop, phone }) =>
      `<section class="${scheme}"><img class="desktop" src="${desktop}"><img class="phone" src="${phone}"></section>`,
  )
  .join('')}`);
const png = await sharp(await page.screenshot())
  .png({ palette: true, quality: 92, effort: 10 })
  .toBuffer();
await browser.close();
if (png.length > HEAVIEST) throw new Error(`The picture has ${png.length} bytes; ${HEAVIEST} are the most.`);
await writeFile(TARGET, png);
console.log(`${TARGET}: ${png.length} bytes`);

/** An email in a window of this size, at its top or at a heading, as a data address. */
async function shoot(
  browser: Browser,
  email: Email,
  scheme: 'light' | 'dark',
  size: { readonly width: number; readonly height: number },
  heading = 'h1',
): Promise<string> {
  const page = await showEmail(browser, email, { width: size.width, scheme, scale: 2 }, { name: 'Ada' });
  await page.setViewportSize(size);
  if (heading !== 'h1') await page.locator(heading).evaluate((one) => one.scrollIntoView());
  const shot = await page.screenshot();
  await page.context().close();
  return `data:image/png;base64,${shot.toString('base64')}`;
}
