import { html } from 'hono/html';
import type { Newsletter } from '../newsletter.ts';
import type { FoundReader } from './find-reader.ts';
import { titleOf } from './list-titles.ts';
import { maskAddress } from './mask-address.ts';
import type { Markup, Pages } from './pages.ts';
import { renderFields } from './reader-fields.ts';

/** What a reader may choose, and what they have chosen. */
export interface Choices {
  readonly lists: readonly string[];
  readonly active: ReadonlySet<string>;
  readonly fields: Readonly<Record<string, string>>;
}

/** The page of preferences: a form for each thing that can be done, for there is no script. */
export function renderPreferences(
  newsletter: Newsletter,
  pages: Pages,
  reader: FoundReader,
  { lists, active, fields }: Choices,
  token: string,
  faults: readonly string[],
): Markup[] {
  const { words } = pages;
  const to = (what: string) => `${pages.base}/p/${encodeURIComponent(token)}${what}`;
  return [
    html`<p class="quiet">${pages.fill(words.forAddress, { address: maskAddress(reader.address) })}</p>
    <form method="post" action="${to('')}"><input type="hidden" name="save" value="yes">
    <fieldset><legend>${words.lists}</legend>
    ${lists.map(
      (list) => html`<input type="hidden" name="shown" value="${list}">
      <label class="choice"><input type="checkbox" name="list" value="${list}"${active.has(list) ? html` checked` : ''}> ${titleOf(newsletter, list)}</label>`,
    )}
    <p class="quiet">${words.listsNote}</p></fieldset>
    <fieldset><legend>${words.you}</legend>${renderFields(newsletter, pages, fields, faults)}</fieldset>
    <button>${words.save}</button></form><hr>`,
    html`<form method="post" action="${to('/move')}"><fieldset><legend>${words.move}</legend>
    ${faults.includes('email') ? html`<p class="fault" id="fault" role="alert">${words.addressFault}</p>` : ''}
    <label>${words.moveLabel}<input type="email" name="email" dir="ltr" required autocomplete="email" maxlength="254"${faults.includes('email') ? html` aria-invalid="true" aria-describedby="fault"` : ''}></label>
    <p class="quiet">${words.moveNote}</p></fieldset><button class="second">${words.move}</button></form><hr>`,
    html`<form method="post" action="${to('/leave')}"><h2>${words.leaveAll}</h2>
    <p>${pages.fill(words.leaveAllText, { name: newsletter.name })}</p><button class="second">${words.leaveAll}</button></form><hr>`,
    html`<h2>${words.data}</h2><form method="post" action="${to('/data')}"><p>${words.downloadText}</p>
    <p><button class="second">${words.download}</button></p></form>
    <p>${words.eraseText} <a href="${to('/erase')}">${words.erase}</a></p>`,
  ];
}
