import { html, raw } from 'hono/html';
import { escapeHref } from './escape-href.ts';
import type { Markup } from './render-document.ts';
import { type View, viewQuery } from './view.ts';

/**
 * The mail in a frame of its own, without scripts and unable to move the page; two frames when light and dark stand side
 * by side. `mark` changes when what is shown does.
 */
export function renderFrame(base: string, view: View, mark: string): Markup {
  const schemes = view.scheme === 'beside' ? (['light', 'dark'] as const) : [view.scheme];
  return html`<div class="sheets zoom-${view.zoom}">${schemes.map((scheme) => {
    const src = `${base}/email.html${viewQuery(view, { scheme, zoom: '100', width: 'full', pane: 'email', find: '' })}`;
    return html`<div class="sheet ${view.width === 'full' ? '' : 'fixed'}"><iframe title="The mail, ${scheme}" src="${escapeHref(src)}" data-mark="${mark}"
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      ${view.width === 'full' ? '' : raw(`width="${view.width}"`)} class="${scheme}"></iframe></div>`;
  })}</div><output id="origin" aria-live="polite"></output>`;
}
