import type { Browser, Page } from 'playwright-core';
import type { Email } from '../../src/email/email.ts';
import { read } from '../email/sample.ts';

/** How an email is looked at. */
export interface View {
  readonly width: number;
  readonly scheme?: 'light' | 'dark';
  readonly images?: 'on' | 'off';
  /** `off`: without `<style>` and classes, as Gmail shows mail of accounts that are not Google's. */
  readonly styles?: 'on' | 'off';
  readonly scale?: number;
}

/**
 * Opens an email in a page of its own, as a reader with these fields gets it. Nothing is fetched: embedded images come
 * as data, the page is offline. Close the page's context when done.
 */
export async function showEmail(
  browser: Browser,
  email: Email,
  view: View,
  fields: Record<string, string> = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.scheme ?? 'light',
    deviceScaleFactor: view.scale ?? 1,
    offline: true,
  });
  const page = await context.newPage();
  await page.setContent(htmlFor(email, view, fields), { waitUntil: 'load' });
  return page;
}

/** The HTML that `showEmail` shows. */
export function htmlFor(
  email: Email,
  { images, styles }: Pick<View, 'images' | 'styles'>,
  fields: Record<string, string> = {},
): string {
  const { html } = read(email, fields);
  const shown = images === 'off' ? html : withImages(html, email);
  return styles === 'off' ? withoutStyles(shown) : shown;
}

function withImages(html: string, email: Email): string {
  return html.replace(/src="cid:([^"]+)"/g, (whole, cid: string) => {
    const image = email.embedded.find((one) => one.cid === cid);
    return image ? `src="data:${image.type};base64,${Buffer.from(image.bytes).toString('base64')}"` : whole;
  });
}

function withoutStyles(html: string): string {
  return html.replace(/<style\b[\s\S]*?<\/style>/gi, '').replace(/\sclass="[^"]*"/gi, '');
}
