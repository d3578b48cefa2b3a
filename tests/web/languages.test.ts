import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileEmail } from '../../src/email/compile-email.ts';
import { fill } from '../../src/email/stencil.ts';
import { openProject } from '../../src/project.ts';
import { confirmationIssue } from '../../src/web/confirmation-issue.ts';
import { pageWordsFor } from '../../src/words/page-words.ts';
import { newsletter } from '../email/sample.ts';

const LANGUAGES = [
  'ar',
  'de',
  'es',
  'fa',
  'fr',
  'he',
  'it',
  'ja',
  'ko',
  'nl',
  'pl',
  'pt',
  'ru',
  'sv',
  'tr',
  'uk',
  'zh',
  'zh-Hant',
];
const holesOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

test.each(LANGUAGES)('%s has every word, with the holes of the English ones', (tag) => {
  const english = pageWordsFor('en').words;
  const { lang, words } = pageWordsFor(tag);
  expect(lang).toBe(tag);
  expect(words).not.toBe(english);
  for (const [name, text] of Object.entries(english)) {
    const said = words[name as keyof typeof words];
    expect(said.trim(), name).not.toBe('');
    expect(holesOf(said), name).toEqual(holesOf(text));
  }
});

test('a language that has none yet says so of its page: the words are English', () => {
  expect(pageWordsFor('xx-YY').lang).toBe('en');
  expect(pageWordsFor('pt-BR').lang).toBe('pt-BR');
  expect(pageWordsFor('zh-TW').words).toBe(pageWordsFor('zh-Hant').words);
  expect(pageWordsFor('zh-CN').words).not.toBe(pageWordsFor('zh-TW').words);
});

test.each(LANGUAGES)('%s: the mail that asks to confirm is whole', async (lang) => {
  const project = openProject(fileURLToPath(new URL('../..', import.meta.url)));
  const template = await project.template('confirm');
  if ('findings' in template) throw new Error('no template');
  for (const purpose of ['subscribe', 'move'] as const) {
    const { issue, findings } = confirmationIssue({ ...newsletter, lang }, purpose);
    expect(findings).toEqual([]);
    const { email, findings: more } = await compileEmail(issue!, template, newsletter, async () => null);
    expect(more.filter(({ severity }) => severity === 'error')).toEqual([]);
    const fields = { lists: 'Die Woche', link: 'https://letters.example.com/c/aaaa' };
    const value = (name: string) => fields[name.replace('subscriber.', '') as keyof typeof fields];
    const text = fill(email!.text, value, fields);
    expect(text).toContain(fields.link);
    expect(text).toContain(fields.lists);
    expect(text, 'no hole is left').not.toMatch(/[{}]/);
    expect(fill(email!.html, value, fields)).toContain(`href="${fields.link}"`);
  }
});
