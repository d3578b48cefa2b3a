import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { realIssues } from '../support/shared.ts';
import { type Content, missing, ofHtml, ofMarkdown, wordsOf } from './content.ts';
import { mended } from './mended.ts';
import { compile, read } from './sample.ts';

const base = 'https://news.example.com';
const same = (href: string) => {
  const decoded = href.trim();
  return URL.canParse(decoded, base)
    ? decodeURI(new URL(decoded, base).href.replace(/%(?![\da-f]{2})/gi, '%25'))
    : decoded;
};

for (const file of realIssues()) {
  const name = file.split('/').slice(-2).join('/');
  test(`nothing is lost of ${name}`, async () => {
    const { issue } = parseIssue(file, readFileSync(file));
    if (!issue) return console.log(`${name} does not parse: its findings are tested elsewhere`);
    const { email, findings } = await compile(readFileSync(file), { siteUrl: base }, file);
    expect(findings.filter((finding) => finding.severity === 'error')).toEqual([]);
    const wanted = ofMarkdown(
      issue.body
        .replace(/^:::.*$/gm, '')
        // Attributes are not words; that they are left out is a finding.
        .replace(/\{:\s*[.#][^}\n]*\}/g, '')
        .replace(/\[!([A-Z])([A-Z]+)\]/g, (_all, first, rest) => first + rest.toLowerCase()),
    );
    // Both branches of every choice.
    const readers = /^:::/m.test(issue.body) ? [read(email!), read(email!, { plan: 'pro' })] : [read(email!)];
    const [html, text] = [readers.map((one) => one.html).join(), readers.map((one) => one.text).join()];
    expect(readers.map((one) => mended(one.html))).toEqual(readers.map(() => []));
    const inHtml: Content = { words: [], links: [] };
    ofHtml(html, inHtml);
    const squeezed = text.replace(/\s+/g, '');
    const lost = missing(wanted.words, inHtml.words);
    const lostText = missing(wanted.words, wordsOf(text)).filter(
      (word) =>
        !wanted.joined.some(
          (one) => one.includes(word) && squeezed.replace(/[*_~]/g, '').normalize('NFKC').includes(one),
        ),
    );
    const web = issue.webPath ?? `/${issue.slug}`;
    const absolute = (href: string) =>
      URL.canParse(href, base + web) ? new URL(href, base + web).href : href;
    const links = wanted.links.filter((href) => !href.startsWith('#'));
    const lostLinks = [...new Set(links.map((href) => same(absolute(href))))].filter(
      (href) => !new Set(inHtml.links.map(same)).has(href),
    );
    const lostTextLinks = [...new Set(links)].filter(
      (href) =>
        ![href, absolute(href), href.replace(/^mailto:/, '')].some((one) =>
          squeezed.includes(one.replace(/\s+/g, '')),
        ),
    );
    if (process.env.LOST)
      console.log(name, wanted.words.length, {
        lost,
        lostText,
        lostLinks,
        lostTextLinks,
        html: html.length,
        md: issue.body.length,
      });
    expect({ lost, lostText, lostLinks, lostTextLinks }).toEqual({
      lost: [],
      lostText: [],
      lostLinks: [],
      lostTextLinks: [],
    });
  });
}
