import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { languageOf } from '../../src/email/language.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { directionOf } from '../../src/words/direction-of.ts';
import { wordsFor } from '../../src/words/words.ts';
import { realIssues } from '../support/shared.ts';
import { compile, read } from './sample.ts';

const WORDS = {
  fa: 'این نامه درباره چاپ است. گفتگو با چاپگران پیر و کتاب‌های تازه.',
  ar: 'هذه الرسالة عن الطباعة والكتب والحروف والأوراق في المدينة.',
  he: 'המכתב הזה עוסק בדפוס, באותיות ובספרים חדשים בעיר.',
  zh: '这封信讲印刷、活字和新书，每个星期寄出一次，请慢慢读，谢谢大家。',
  ja: 'この手紙は印刷と活字の話です。新しい本のお知らせもあります。',
  ko: '이 편지는 인쇄와 활자에 관한 이야기입니다. 새로운 책도 소개합니다.',
};
const issue = (body: string) => `---\ntitle: "1811"\n---\n\n${body}\n`;

describe('the language of an issue that names none', () => {
  test.each(Object.entries(WORDS))('is %s by its letters', async (lang, words) => {
    const { email } = await compile(issue(words));
    expect([email!.lang, email!.dir]).toEqual([lang, /fa|ar|he/.test(lang) ? 'rtl' : 'ltr']);
    expect(read(email!).html).toContain(`<html lang="${lang}" dir="${email!.dir}"`);
  });

  test('is the newsletter’s where that has the same letters', () => {
    expect(languageOf(WORDS.zh, 'zh-TW')).toBe('zh-TW');
    expect(languageOf(WORDS.zh, 'ja')).toBe('ja');
    expect(languageOf(WORDS.fa, 'ur')).toBe('ur');
    expect(languageOf(WORDS.ja, 'zh')).toBe('ja');
  });

  test('is never guessed from Latin letters, a few words, code or addresses', () => {
    expect(languageOf('Une lettre sur les presses et les caractères.', 'de')).toBe('de');
    expect(languageOf('A letter about 印刷 and עברית and more.', 'en')).toBe('en');
    expect(languageOf(`See \`${WORDS.zh}\` and words.`, 'en')).toBe('en');
    expect(
      languageOf(
        `${WORDS.ja} \`const presses = await printAllOfThem()\` https://example.com/a/long/path`,
        'en',
      ),
    ).toBe('ja');
    expect(languageOf('', 'en')).toBe('en');
  });

  test('named in front matter is that', async () => {
    const { email } = await compile(`---\ntitle: x\nlang: en\n---\n\n${WORDS.he}\n`);
    expect([email!.lang, email!.dir]).toEqual(['en', 'ltr']);
  });

  test('is right for real issues', () => {
    const real = realIssues().filter((path) => !path.endsWith('2026-10-specimen.md'));
    for (const path of real) {
      const { issue } = parseIssue(path, readFileSync(path));
      const name = basename(path);
      const expected = name.startsWith('ja-') ? 'ja' : /^zh-|chinese/.test(name) ? 'zh' : 'en';
      if (issue) expect(`${name} ${languageOf(issue.body, 'en')}`).toBe(`${name} ${expected}`);
    }
  });
});

describe('a name that runs the other way', () => {
  const hello = `---\ntitle: On presses\nsubject: "{{subscriber.name}}, 3 presses"\n---\n\nHello {{subscriber.name}}, 3 presses.\n`;
  test('is set apart, in every part', async () => {
    const { subject, html, text } = read((await compile(hello)).email!, { name: 'דנה' });
    for (const part of [subject, html, text]) expect(part).toContain('\u2068דנה\u2069, 3 presses');
  });
  test('is plain where it runs along', async () => {
    const { subject, html, text } = read((await compile(hello)).email!, { name: 'Dana' });
    for (const part of [subject, html, text]) expect(part).toContain('Dana, 3 presses');
    expect(subject + html + text).not.toMatch(/[\u2066-\u2069]/);
  });
  test('cannot turn the text around it', async () => {
    const { subject, html, text } = read((await compile(hello)).email!, { name: '\u202eanaD\u2069' });
    for (const part of [subject, html, text]) expect(part).toContain('anaD, 3 presses');
    expect(subject + html + text).not.toMatch(/[\u202a-\u202e]/);
  });
  test('of a list is set apart in the reason for the mail', async () => {
    const lists = { weekly: { title: 'דפוס', id: 'weekly.example.com', why: null, open: false } };
    const { html, text } = read((await compile(issue('Words.'), { lists })).email!);
    for (const part of [html, text]) expect(part).toContain('\u2068דפוס\u2069.');
  });
});

describe('from right to left', () => {
  const persian = (body: string) => compile(`---\ntitle: چاپ\nlang: fa\n---\n\n${body}\n`);

  test('addresses and lines of the newsletter’s own in Latin letters stay in order', async () => {
    const { html } = read((await persian('چاپ')).email!);
    expect(html).toContain('\u20681 Press Lane\u2069<br');
  });

  test('a column’s left is where lines end', async () => {
    const { html } = read((await persian('| الف | ب | پ |\n| :-- | :-: | --: |\n| ۱ | ۲ | ۳ |')).email!);
    const sides = [...html.matchAll(/<td style="[^"]*text-align:(\w+)[^"]*">[۱۲۳]/g)].map(
      (match) => match[1],
    );
    expect(sides).toEqual(['right', 'center', 'left']);
  });
});

test('the plain text speaks no English of its own', async () => {
  const { text } = read(
    (
      await compile(
        '---\ntitle: Druck\nlang: de\n---\n\nSo[^1].\n\n![](https://example.com/a.png)\n\n[^1]: Mehr.\n',
      )
    ).email!,
  );
  expect(text).toContain('So (1).\n\n[Bild]\n\nAnmerkungen\n-----------\n\n(1) Mehr.');
});

describe('letters and lines', () => {
  test.each([
    ['ja', 'Hiragino Sans,Yu Gothic,Meiryo', 'line-break:strict'],
    ['zh-TW', 'Microsoft JhengHei', 'line-break:strict'],
    ['ko', 'Malgun Gothic', 'word-break:keep-all'],
    ['fa', 'Tahoma', 'word-break:break-word'],
  ])('of %s have fonts and breaks of their own', async (lang, font, breaks) => {
    const { html } = read((await compile(`---\ntitle: x\nlang: ${lang}\n---\n\nx\n`)).email!);
    expect(html).toContain(`${font},serif`);
    expect(html).toContain(breaks);
  });
  test('of other languages need none', async () => {
    const { html } = read((await compile(issue('x'))).email!);
    expect(html).not.toMatch(/Tahoma|Meiryo|line-break/);
  });
});

describe('fixed words', () => {
  const files = readdirSync(new URL('../../src/words', import.meta.url))
    .map((file) => /^([a-z]{2}(?:-hant)?)\.ts$/.exec(file)?.[1])
    .filter((tag) => tag !== undefined);
  test.each(files)('of %s are that file’s, whole, and stand in both parts', async (lang) => {
    const words = wordsFor(lang);
    const { alerts, ...plain } = words;
    expect([...Object.values(plain), ...Object.values(alerts)].filter((word) => word.trim() === '')).toEqual(
      [],
    );
    expect(words.why.split('{list}'), 'the list once').toHaveLength(2);
    // Otherwise a file that nobody listed would pass as English.
    if (lang !== 'en') expect(words.why).not.toBe(wordsFor('en').why);
    const source = `---\ntitle: x\nlang: ${lang}\n---\n\n> [!WARNING]\n> x[^1]\n\n[^1]: y\n`;
    const { html, text } = read((await compile(source)).email!);
    for (const word of [words.unsubscribe, words.preferences, words.web, alerts.warning]) {
      expect(html).toContain(word);
      expect(text).toContain(word);
    }
    expect(html).toContain(words.notes);
    expect(html).toContain(`dir="${directionOf(lang)}"`);
  });

  test('are those of the nearest language', () => {
    expect(wordsFor('pt-BR')).toBe(wordsFor('pt'));
    expect(wordsFor('zh-TW')).toBe(wordsFor('zh-Hant-HK'));
    expect(wordsFor('zh-CN')).toBe(wordsFor('zh'));
    expect(wordsFor('xx')).toBe(wordsFor('en'));
  });

  test('run as their script does', () => {
    expect(['ar', 'he-IL', 'FA', 'ug', 'pa-Arab'].map(directionOf)).toEqual(Array(5).fill('rtl'));
    expect(['en', 'ha', 'yo', 'fa-Latn', 'arn'].map(directionOf)).toEqual(Array(5).fill('ltr'));
  });
});
