import { html } from 'hono/html';
import { type Markup, renderDocument, type Shell } from './render-document.ts';

/** The page of a project without issues. */
export function renderEmptyPage(shell: Shell): Markup {
  return renderDocument(shell, {
    title: 'No issue yet',
    current: '',
    main: html`<section id="pane" class="empty"><h1>No issue yet</h1>
      <p>Write <code>issues/my-first.md</code> and save it: it shows up here at once.</p></section>`,
    aside: '',
  });
}
