import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { contrast, parseColour } from '../check/contrast.ts';
import type { Brand } from '../newsletter.ts';

/**
 * The style element of every page, in the brand's colours and fonts. The configuration takes plain colours and font
 * lists only, so none of it can end the element.
 */
export function pageStyle(brand: Brand): ReturnType<typeof html> {
  const css = `
:root { color-scheme: light dark; --ground: ${brand.background}; --sheet: ${brand.surface}; --ink: ${brand.text}; --quiet: ${brand.muted}; --accent: ${brand.accent}; --on-accent: ${legibleOn(brand.accent)}; --line: #857d71; }
@media (prefers-color-scheme: dark) { :root { --ground: #121110; --sheet: #1d1b19; --ink: #ebe6de; --quiet: #b3aba0; --accent: ${brand.accentDark}; --on-accent: ${legibleOn(brand.accentDark)}; --line: #857d71; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.55 ${brand.fontBody}; overflow-wrap: anywhere; }
header, main { max-width: 36rem; margin: 0 auto; padding: 0 24px; }
header p { margin: 28px 0 16px; font: 700 22px/1.2 ${brand.fontHeading}; }
header a { color: inherit; text-decoration: none; }
header img { display: block; max-width: 100%; height: auto; }
main { padding-top: 28px; padding-bottom: 32px; background: var(--sheet); border-top: 6px solid var(--accent); }
h1 { margin: 0 0 16px; font: 700 30px/1.2 ${brand.fontHeading}; text-wrap: balance; }
h2, legend { margin: 0 0 8px; padding: 0; font: 700 20px/1.3 ${brand.fontHeading}; }
p { margin: 0 0 16px; }
a { color: var(--accent); }
.quiet, small { color: var(--quiet); font-size: 15px; }
fieldset { margin: 0 0 20px; padding: 0; border: 0; min-width: 0; }
label { display: block; margin: 0 0 14px; }
label.choice { display: flex; gap: 12px; align-items: flex-start; padding: 6px 0; margin: 0; }
input[type=text], input[type=email] { display: block; width: 100%; margin-top: 4px; padding: 10px 12px; border: 1px solid var(--line); border-radius: 0; background: var(--sheet); color: inherit; font: inherit; }
input[type=checkbox] { width: 20px; height: 20px; margin: 3px 0; flex: none; accent-color: var(--accent); }
button { padding: 12px 22px; border: 2px solid var(--accent); border-radius: 0; background: var(--accent); color: var(--on-accent); font: 700 16px/1.3 Helvetica, Arial, sans-serif; cursor: pointer; }
button.second { background: none; color: var(--accent); }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.fault { border-inline-start: 4px solid var(--accent); padding-inline-start: 12px; font-weight: 700; }
.trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
ol.issues { list-style: none; margin: 0 0 32px; padding: 0; }
.issues li { padding: 20px 0; border-top: 1px solid var(--line); }
.issues p { margin: 0 0 4px; }
hr { margin: 32px 0; border: 0; border-top: 1px solid var(--line); }
`;
  return html`<style>${raw(css)}</style>`;
}

/** What a Content-Security-Policy names the element by (CSP 3 §6.7.3.3). */
export function styleHash(style: ReturnType<typeof html>): string {
  const css = String(style).replace(/^<style>|<\/style>$/g, '');
  return `sha256-${createHash('sha256').update(css).digest('base64')}`;
}

/** Black or white, whichever is easier to read on a colour. */
function legibleOn(colour: string): string {
  const ground = parseColour(colour) ?? [0, 0, 0];
  return contrast(ground, [255, 255, 255]) >= contrast(ground, [0, 0, 0]) ? '#ffffff' : '#000000';
}
