import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * Beside the package that it is unpacked from, so that `npm ci` clears it away with its version; by its real path, for it
 * is remembered in what is unpacked, and a clone of a test may only link to node_modules.
 */
const HOME = join(realpathSync(fileURLToPath(new URL('../../node_modules', import.meta.url))), '.chromium');

/** Are the browser and its fonts those of npm, the same on every machine? */
export const isPacked =
  process.platform === 'linux' && process.arch === 'x64' && process.env.FONTCONFIG_FILE === undefined;

/**
 * Starts the Chromium that npm brings (Linux on x64); elsewhere an installed Chrome. One a test file: close it at the
 * end. Throws when there is neither. FONTCONFIG_FILE names other fonts than the packed ones, for looking by hand.
 */
export async function openChromium(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return playwright.launch({ channel: 'chrome' }).catch((error: Error) => {
      throw new Error(
        `Chromium comes from npm for Linux on x64 only; install Chrome for these tests. ${error.message}`,
      );
    });
  // Asked before the import: with it the package brings the shared libraries that a bare machine lacks.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs24.x';
  const { default: packed } = await import('@sparticuz/chromium');
  if (!existsSync(HOME)) await unpack(() => packed.executablePath());
  return playwright.launch({
    executablePath: join(HOME, 'chromium'),
    // In a single process, closing a page ends the browser. Its sandbox refuses to run as root.
    args: [...packed.args.filter((argument) => argument !== '--single-process'), '--no-sandbox'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(HOME, 'al2023/lib'),
      FONTCONFIG_FILE: process.env.FONTCONFIG_FILE ?? join(HOME, 'fonts.conf'),
    },
  });
}

/** Unpacks beside the place and renames, for test files run side by side and one would start the other's half. */
async function unpack(inflate: () => Promise<string>): Promise<void> {
  const staging = await mkdtemp(`${HOME}-`);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = staging;
  try {
    await inflate();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  // Only the fonts that npm brings: line breaks, and so what overflows, are then the same on every machine.
  await writeFile(
    join(staging, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${HOME}/fonts</dir><cachedir>${HOME}/fonts-cache</cachedir></fontconfig>`,
  );
  await rename(staging, HOME).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(staging, { recursive: true, force: true });
  });
}
