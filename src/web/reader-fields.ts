import { html } from 'hono/html';
import type { Newsletter } from '../newsletter.ts';
import type { Markup, Pages } from './pages.ts';
import type { Form } from './read-form.ts';

/** Letters of a value that a reader may fill in. */
const LONGEST = 200;

type Fields = Readonly<Record<string, string>>;

/** What readers may fill in themselves: their name, and what `profile` in the configuration names. */
function labelsOf({ profile }: Newsletter, { words }: Pages): [name: string, label: string][] {
  return [['name', words.nameLabel], ...Object.entries(profile)];
}

/**
 * Reads those fields from a form; an empty one is ''. Gives the names of those that are too long or hold control
 * characters: a line break in a name is how headers are injected.
 */
export function readFields(
  form: Form,
  newsletter: Newsletter,
): { readonly fields: Fields } | { readonly faults: readonly string[] } {
  const given = ['name', ...Object.keys(newsletter.profile)].flatMap((name) => {
    const value = form.get(name)?.[0];
    return value === undefined ? [] : [[name, value.trim().normalize('NFC')] as const];
  });
  const faults = given.filter(([, value]) => value.length > LONGEST || /[\p{Cc}\u2028\u2029]/u.test(value));
  return faults.length > 0 ? { faults: faults.map(([name]) => name) } : { fields: Object.fromEntries(given) };
}

/** Inputs for those fields. */
export function renderFields(
  newsletter: Newsletter,
  pages: Pages,
  values: Fields,
  faults: readonly string[] = [],
): Markup {
  const { words } = pages;
  return html`${labelsOf(newsletter, pages).map(
    ([name, label]) => html`<label>${label} <small>(${words.optional})</small>
      <input type="text" name="${name}" value="${values[name] ?? ''}" maxlength="${LONGEST}"${name === 'name' ? html` autocomplete="name"` : ''}>
      ${faults.includes(name) ? html`<span class="fault">${words.fieldFault}</span>` : ''}</label>`,
  )}`;
}
