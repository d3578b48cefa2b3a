import { describe, expect, test } from 'vitest';
import { compileEmail } from '../../src/email/compile-email.ts';
import type { Template } from '../../src/email/email.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { newsletter, read } from './sample.ts';

const ROW = '{{{before}}}<tr><td>{{{html}}}</td></tr>{{{after}}}';

/** A template of a few lines; `row` is what it prints of each section. */
function template(parts: { row?: string; foot?: string; footer?: string; css?: string } = {}): Template {
  const { row = ROW, foot = '', footer = '<mj-section></mj-section>', css = '' } = parts;
  return {
    name: 'small',
    path: 'templates/small.mjml',
    source: `<mjml><mj-body>
<mj-section><mj-column>
{{#each sections}}
<mj-raw>${row}</mj-raw>
{{/each}}
</mj-column></mj-section>
${foot}
{{> footer}}
</mj-body></mjml>`,
    partials: { footer: { path: 'templates/partials/footer.mjml', source: `\n${footer}` } },
    css,
  };
}

async function compile(given: Template, body = '## One\n\nHello.') {
  const { issue } = parseIssue('issues/x.md', Buffer.from(`---\ntitle: On presses\n---\n${body}\n`));
  return compileEmail(issue!, given, newsletter, async () => null);
}

test('a template of one’s own can be as small as this', async () => {
  const { email, findings } = await compile(template());
  expect(findings).toEqual([]);
  expect(read(email!).html).toContain('Hello.');
});

describe('told at the template’s line, instead of a mail that is not what was meant:', () => {
  test.each<[string, Parameters<typeof template>[0], string, number, RegExp]>([
    ['sections left out', { row: '<tr><td>Soon.</td></tr>' }, 'small.mjml', 3, /leaves out/],
    [
      'text outside of elements, which MJML drops',
      { foot: '<mj-section>{{subscriber.name}}</mj-section>', row: '' },
      'small.mjml',
      3,
      /leaves out/,
    ],
    [
      'a decision on a reader',
      { foot: '{{#if subscriber.plan}}x{{/if}}' },
      'small.mjml',
      7,
      /\{\{#if subscriber\.plan\}\} would decide the same for all readers/,
    ],
    [
      'one in a partial',
      { footer: '{{#unless subscriber.plan}}x{{/unless}}' },
      'partials/footer.mjml',
      2,
      /would decide the same/,
    ],
    [
      'one on all of a reader',
      { foot: '{{#with subscriber}}{{name}}{{/with}}' },
      'small.mjml',
      7,
      /would decide the same/,
    ],
    [
      'one from inside a loop',
      { row: `{{#if ../subscriber.plan}}${ROW}{{/if}}` },
      'small.mjml',
      4,
      /would decide the same/,
    ],
    [
      'one from the root',
      { row: `{{#if @root.subscriber.plan}}${ROW}{{/if}}` },
      'small.mjml',
      4,
      /would decide the same/,
    ],
    [
      'one inside a helper',
      { foot: '{{#if (eq subscriber.plan "pro")}}x{{/if}}' },
      'small.mjml',
      7,
      /would decide the same/,
    ],
    [
      'a partial that there is not',
      { foot: '{{> banner}}' },
      'small.mjml',
      7,
      /partial banner could not be found/,
    ],
    [
      'one named in a partial',
      { footer: '{{> banner}}' },
      'partials/footer.mjml',
      2,
      /partial banner could not be found/,
    ],
    [
      'a helper that there is not',
      { foot: '{{#shout title}}x{{/shout}}', footer: '' },
      'small.mjml',
      7,
      /shout/,
    ],
    ['a block that is not closed', { footer: '\n{{#if title}}' }, 'partials/footer.mjml', 3, /cannot read/],
    ['braces that are not closed', { foot: '{{title' }, 'small.mjml', 7, /cannot read/],
    ['an element that MJML has not', { foot: '<mj-sektion></mj-sektion>' }, 'small.mjml', 7, /mj-sektion/],
    [
      'an attribute that MJML has not',
      { footer: '<mj-section wdth="1"></mj-section>' },
      'partials/footer.mjml',
      2,
      /wdth/,
    ],
    ['a fault in the style sheet', { css: 'p { color: {{#if}} }' }, 'small.css', 1, /./],
  ])('%s', async (_what, parts, file, line, message) => {
    const { email, findings } = await compile(template(parts));
    expect(email).toBeNull();
    expect(findings).toContainEqual({
      rule: 'template',
      severity: 'error',
      path: `templates/${file}`,
      line,
      column: 1,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  test('a section for some readers only that all would get', async () => {
    const body = '## One\n\n::: if plan == "pro"\n\n## Two\n\nx\n\n:::';
    const { email, findings } = await compile(template({ row: '<tr><td>{{{html}}}</td></tr>' }), body);
    expect(email).toBeNull();
    expect(findings).toMatchObject([{ path: 'templates/small.mjml', line: 3, rule: 'template' }]);
    expect((await compile(template(), body)).findings).toEqual([]);
  });
});

test('a template’s own merge fields are filled and escaped for where they stand', async () => {
  const { email } = await compile(
    template({
      footer:
        '<mj-section><mj-column><mj-text>For {{subscriber.name}}: <a href="{{subscriber.page}}">page</a> <a href="{{links.unsubscribe}}">leave</a></mj-text></mj-column></mj-section>',
    }),
  );
  const { html } = read(email!, { name: '<b>', page: 'javascript:steal()' });
  expect(html).toContain(
    'For &#60;b&#62;: <a href="">page</a> <a href="https://mail.example.com/unsubscribe">leave</a>',
  );
});
