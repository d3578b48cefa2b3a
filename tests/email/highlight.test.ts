import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unescapeEntities } from '../../src/email/markdown/entities.ts';
import { openHighlight } from '../../src/email/markdown/highlight.ts';
import { lexMarkdown } from '../../src/email/markdown/lexer.ts';
import { compile, read } from './sample.ts';

const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n`;
const issue = (body: string) => `---\ntitle: On presses\n---\n\n${body}\n`;

/** The words of some HTML. */
const textOf = (html: string) => unescapeEntities(html.replace(/<[^>]*>/g, ''));

describe('code', () => {
  test('has a class for each role, which the style sheet gives its colours', async () => {
    const highlight = await openHighlight(lexMarkdown(fence('ts', 'x')));
    expect(highlight("const a = 1; // one\nf('b')", 'ts')).toBe(
      '<span class="hk">const</span> a = <span class="hn">1</span>; <span class="hc">// one</span>\n' +
        '<span class="hf">f</span>(<span class="hs">\'b\'</span>)',
    );
    const { email } = await compile(issue(fence('ts', 'const a = 1;')));
    expect(read(email!).html).toMatch(/<span class="hk" style="color:#[\da-f]{6}">const<\/span>/);
  });

  test.each(['', 'nosuchlanguage', 'constructor', '__proto__'])(
    'of language "%s" stays plain',
    async (name) => {
      const { email } = await compile(issue(fence(name, 'const a = 1 < 2;')));
      expect(read(email!).html).toMatch(/<code[^>]*>const a = 1 &lt; 2;<\/code>/);
    },
  );

  test('too long to be read stays plain', async () => {
    const code = 'const a = 1;\n'.repeat(2000);
    const highlight = await openHighlight(lexMarkdown(fence('ts', code)));
    expect(highlight(code, 'ts')).toBeNull();
  });

  test('keeps merge fields, entities and tags as they are written', async () => {
    const code = 'const a = "{{subscriber.name}} &amp; <b>";';
    for (const body of [fence('js', code), fence('', code), `Say \`${code}\` here.`]) {
      const { email } = await compile(issue(body));
      const { html, text } = read(email!, { name: 'Ada' });
      expect(textOf(html)).toContain(code);
      expect(text).toContain(code);
    }
  });

  test('is the same text in colours as without, whatever it is', async () => {
    const languages = ['ts', 'html', 'sh', 'yaml', 'diff', 'python'];
    const highlight = await openHighlight(lexMarkdown(languages.map((one) => fence(one, 'x')).join('\n')));
    fc.assert(
      fc.property(
        fc.constantFrom(...languages),
        fc.array(
          fc.oneof(
            fc.constantFrom(
              '<',
              '>',
              '&',
              '&amp;',
              '"',
              "'",
              '`',
              '\n',
              '${',
              '}',
              '//',
              '# ',
              '</script>',
              '\\',
            ),
            fc.string({ unit: 'grapheme', maxLength: 8 }),
          ),
          { maxLength: 12 },
        ),
        (language, pieces) => {
          const code = pieces.join('').replace(/\r\n?/g, '\n');
          const html = highlight(code, language)!;
          expect(html.replace(/<\/?span[^>]*>/g, '')).not.toMatch(/[<>]/);
          expect(
            html
              .replace(/<\/?span[^>]*>/g, '')
              .replace(/&lt;/g, '<')
              .replace(/&gt;/g, '>')
              .replace(/&amp;/g, '&'),
          ).toBe(code);
        },
      ),
      { numRuns: 300 },
    );
  });
});
