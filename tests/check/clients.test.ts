import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { SupportData } from '../../src/check/client-support.ts';
import { checkClients, checkTemplate } from '../../src/check/clients.ts';
import type { Template } from '../../src/email/email.ts';
import { openProject } from '../../src/project.ts';
import { compile, newsletter } from '../email/sample.ts';
import { realIssues } from '../support/shared.ts';

const support = createRequire(import.meta.url)('caniemail/caniemail.json') as SupportData;
const template = (await openProject(fileURLToPath(new URL('../..', import.meta.url))).template(
  'newsletter',
)) as Template;

async function toldOf(body: string) {
  const { issue, email } = await compile(`---\ntitle: T\n---\n\n${body}\n`);
  return checkClients(issue, email!, newsletter, support);
}

describe("an author's HTML", () => {
  test('is told of with the place, the programs and the date of the data', async () => {
    expect(await toldOf('Words.\n\nSee <span style="text-shadow: 1px 1px #333333">this</span>.')).toEqual([
      {
        rule: 'client-support',
        severity: 'advice',
        path: 'issues/x.md',
        line: 7,
        column: 18,
        message: expect.stringMatching(
          /^text-shadow is not supported by .*outlook windows.* \(caniemail\.com, \d{4}-\d\d-\d\d\), so it is left out\.$/,
        ),
        hint: 'See in the preview that it reads well without.',
      },
    ]);
  });

  test('an element that is in the mail is told of, one that was taken out is not', async () => {
    const told = (await toldOf('<ruby>a<rt>b</rt></ruby>')).map(({ message }) => message);
    expect(told).toEqual([
      expect.stringMatching(/^<ruby> element is not supported by gmail .*\)\.$/),
      expect.stringMatching(/^<rt> element is not supported by gmail .*\)\.$/),
    ]);
    expect(await toldOf('a <textarea>b</textarea>')).toEqual([]);
  });

  test('each feature is told once, where it is first', async () => {
    const span = '<span style="text-shadow: 1px 1px #333333">a</span>';
    expect(await toldOf(`${span} ${span}\n\n${span}`)).toHaveLength(1);
  });

  test.each([
    ['what all support', '<b style="font-weight: bold">a</b>'],
    ['what the template uses too', '<span style="display: none">a</span> b'],
    ['words that stay words', '<abbr title="Ink">a</abbr> and <del>b</del>'],
    ['code', '`<span style="text-shadow: 1px 1px #333">a</span>`'],
    ['what was taken out', 'a <style>p { mix-blend-mode: screen }</style>'],
    ['Markdown', '- a\n- [ ] b\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n> c\n\n```js\nlet a = 1;\n```'],
  ])('%s is silent', async (_what, body) => {
    expect(await toldOf(body)).toEqual([]);
  });
});

describe('a template', () => {
  test('as it is shipped is silent', () => {
    expect(checkTemplate(template, support)).toEqual([]);
  });

  test('that was changed is told of, in each of its files', () => {
    const changed: Template = {
      ...template,
      source: template.source.replace('<mj-body', '<mj-body mix-blend-mode="screen"'),
      css: `${template.css}\np { transform: rotate(2deg); }\n`,
      partials: { x: { path: 'templates/partials/x.mjml', source: '<p style="z-index: 2">\n</p>' } },
    };
    const told = checkTemplate(changed, support).map(
      ({ path, message }) => `${path} ${message.split(' is not ')[0]}`,
    );
    expect(told).toEqual([
      'templates/newsletter.mjml mix-blend-mode',
      'templates/partials/x.mjml z-index',
      'templates/newsletter.css transform',
    ]);
  });
});

test('real issues are seldom told', async () => {
  const counts = new Map<string, number>();
  let checked = 0;
  for (const path of realIssues()) {
    const { issue, email } = await compile(readFileSync(path), {}, path);
    if (!email) continue;
    checked += 1;
    for (const { message } of checkClients(issue, email, newsletter, support)) {
      const feature = message.split(' is not ')[0]!;
      counts.set(feature, (counts.get(feature) ?? 0) + 1);
    }
  }
  const told = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(`Features told over ${checked} real issues: ${told}`, Object.fromEntries(counts));
  expect(told).toBeLessThanOrEqual(checked / 4);
});
