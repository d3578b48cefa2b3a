import { html, raw } from 'hono/html';
import type { Subscriber } from '../audience/audience.ts';
import type { ShownChoice } from './choices-of.ts';
import { escapeHref } from './escape-href.ts';
import { MADE_UP } from './made-up-readers.ts';
import { current, type Markup } from './render-document.ts';
import { CLIENTS, ON_OFF, type PANES, SCHEMES, type View, viewQuery, WIDTHS, ZOOMS } from './view.ts';

export interface Toolbar {
  /** `/issues/SLUG` or `/inbox/NAME`. */
  readonly base: string;
  readonly view: View;
  readonly panes: readonly (typeof PANES)[number][];
  /** Null where there are no readers to choose from. */
  readonly readers: { readonly chosen: Subscriber; readonly found: readonly Subscriber[] } | null;
  readonly choices: readonly ShownChoice[];
}

/** Everything that decides how the mail is looked at; all of it links, so that it works without a script. */
export function renderToolbar({ base, view, panes, readers, choices }: Toolbar): Markup {
  const link = (changes: Partial<View>) => `${base}${viewQuery(view, changes)}`;
  const row = <Name extends keyof View>(label: string, name: Name, values: readonly View[Name][], key = '') =>
    choiceRow(label, values as readonly string[], view[name], (value) => link({ [name]: value }), key);
  return html`<nav id="toolbar" aria-label="View">
    ${choiceRow('Part', panes, view.pane, (pane) => link({ pane: pane as View['pane'] }), '1')}
    ${
      view.pane === 'email'
        ? html`${row('Width', 'width', WIDTHS, 'w')}${row('Colours', 'scheme', SCHEMES, 'd')}${row('Images', 'images', ON_OFF, 'i')}
          ${row('Styles', 'styles', ON_OFF, 's')}${row('Client', 'client', CLIENTS, 'o')}${row('Zoom', 'zoom', ZOOMS, 'z')}`
        : ''
    }
    ${choices.map((choice, index) =>
      choiceRow(
        choice.label,
        ['reader', 'then', 'else'],
        chosen(view.choose, index),
        (value) => link({ choose: choosing(view.choose, index, value) }),
        index === 0 ? 'c' : '',
      ),
    )}
    ${readers ? readerPicker(base, view, readers) : ''}
    <a class="button" href="${escapeHref(`${base}/message.eml${viewQuery(view)}`)}" download>Download .eml</a>
  </nav>`;
}

function readerPicker(
  base: string,
  view: View,
  { chosen: reader, found }: NonNullable<Toolbar['readers']>,
): Markup {
  const link = (as: string) => escapeHref(`${base}${viewQuery(view, { as, find: '' })}`);
  const hidden = Object.entries(view).filter(
    ([name, value]) => !['find', 'as'].includes(name) && value !== '',
  );
  return html`<form action="${base}" role="search">
      ${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
      <label>Read as <input type="search" name="find" value="${view.find}" placeholder="find a reader" data-key="/"></label>
      <button>Find</button>
    </form>
    <details class="readers" ${view.find ? raw('open') : ''}><summary data-key="r">${reader.fields.name || ''} ${reader.address}</summary>
      <ul>${found.map(({ address, fields }) => html`<li><a href="${link(address)}">${fields.name ?? ''} ${address}</a></li>`)}
      ${view.find && found.length === 0 ? html`<li>Nobody on the list is found by “${view.find}”.</li>` : ''}
      ${Object.entries(MADE_UP).map(
        ([as, name]) =>
          html`<li><a href="${link(as)}" aria-current="${current(view.as === as)}">made up: ${name}</a></li>`,
      )}
      <li><a href="${link('')}" aria-current="${current(view.as === '')}">the first on the list</a></li></ul>
    </details>`;
}

/** A row of links of which one is chosen. `key` goes to the next; of parts, `1` and on to each. */
function choiceRow(
  label: string,
  values: readonly string[],
  chosenOne: string,
  href: (value: string) => string,
  key: string,
): Markup {
  const next = values[(values.indexOf(chosenOne) + 1) % values.length];
  return html`<div class="choices" role="group" aria-label="${label}"><span aria-hidden="true">${label}</span>${values.map(
    (value, index) => {
      const shortcut = key === '1' ? String((index + 1) % 10) : key !== '' && value === next ? key : '';
      return html`<a href="${escapeHref(href(value))}" aria-current="${current(value === chosenOne)}" ${shortcut ? raw(`data-key="${shortcut}"`) : ''}>${value}</a>`;
    },
  )}</div>`;
}

function chosen(choose: string, index: number): string {
  return new RegExp(`(?:^|,)${index}\\.(then|else)`).exec(choose)?.[1] ?? 'reader';
}

function choosing(choose: string, index: number, value: string): string {
  const others = choose.split(',').filter((one) => one !== '' && !one.startsWith(`${index}.`));
  return [...others, ...(value === 'reader' ? [] : [`${index}.${value}`])].sort().join(',');
}
