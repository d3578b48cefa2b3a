import mjml2html from 'mjml';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { prepareImage } from '../../src/email/images/place-image.ts';
import { compact, prune } from '../../src/email/layout/compact.ts';
import { wordsFor } from '../../src/words/words.ts';
import { compile, newsletter, read } from './sample.ts';

const issue = (body: string, more = '') => `---\ntitle: On presses\n${more}---\n\n${body}\n`;

describe('alerts', () => {
  test.each(['de', 'en', 'es', 'fa', 'fr', 'ja', 'zh'])(
    'are named in the language of the mail: %s',
    async (lang) => {
      const { email } = await compile(issue('> [!WARNING]\n> Hot metal.', `lang: ${lang}\n`));
      const { html, text } = read(email!);
      const { warning } = wordsFor(lang).alerts;
      expect(html).toMatch(new RegExp(`<p[^>]*>${warning}</p><p[^>]*>Hot metal.</p>`));
      expect(text).toContain(`> ${warning}\n>\n> Hot metal.`);
      expect(html + text).not.toContain('[!');
    },
  );

  test.each([
    ['> [!note]\n> Cold.', 'Note', 'Cold.'],
    ['> [!Tip]- Of *hot* metal  \n> Cold.', 'Of <em>hot</em> metal', 'Cold.'],
    ['> [!CAUTION] Hot\n>\n> Cold.', 'Hot', 'Cold.'],
  ])('may have a title of their own, in any case: %j', async (markdown, title, body) => {
    const { html, text } = read((await compile(issue(markdown))).email!);
    expect(html).toMatch(new RegExp(`<p[^>]*>${title}\\s*</p><p[^>]*>${body}</p>`));
    expect(text).toContain(`> ${title.replace(/<\/?em>/g, '_')}\n>\n> ${body}\n`);
  });

  test('are those five; another word in brackets is a quote', async () => {
    const { email } = await compile(issue('> [!HELLO]\n> World.'));
    expect(read(email!).html).toContain('[!HELLO]');
  });
});

describe('pictures', () => {
  test('byte-identical ones are published once, under one name', async () => {
    const { email } = await compile(issue('![A](a.png) ![B](b.png) ![A](./a.png)'), { images: 'hosted' });
    const [one] = email!.hosted;
    expect(email!.hosted).toHaveLength(1);
    const srcs = [...read(email!).html.matchAll(/<img src="([^"]+)"/g)].map((match) => match[1]);
    expect(srcs).toEqual(Array(3).fill(`https://mail.example.com${one!.path}`));
  });

  test.each([
    ['<img src="a.png" alt="A" width="120">', 'width="120" height="60"'],
    ['![A](a.png){: width="120"}', 'width="120" height="60"'],
    ['![A](a.png){width=120px .wide}', 'width="120" height="60"'],
    ['<img src="a.png" alt="A" height="20">', 'width="40" height="20"'],
    ['<img src="a.png" alt="A" width="9000" height="3">', 'width="400" height="200"'],
    ['<img src="a.png" alt="A" width="50%">', 'width="400" height="200"'],
    ['<img src="https://example.com/a.png" alt="A" width="1040" height="100">', 'width="520" height="50"'],
    ['<img src="https://example.com/a.png" alt="A" width="1040">', 'width="520" style'],
    ['<img src="https://example.com/a.png" alt="A" height="30">', 'height="30" style'],
  ])('are as large as the author says, within the column: %s', async (tag, size) => {
    const png = await sharp({ create: { width: 400, height: 200, channels: 3, background: '#a8321e' } })
      .png()
      .toBuffer();
    const { email } = await compile(issue(`Words ${tag} here.`), {}, 'issues/x.md', async () => png);
    expect(read(email!).html).toContain(`alt="A" ${size}`);
  });

  test('alone in an item have their title as a caption too', async () => {
    const { html, text } = read(
      (await compile(issue('- ![A press](press.png "Built in 1811")\n- so'))).email!,
    );
    expect(html).toMatch(/<li>\s*<div[^>]*><img [^>]*><p[^>]*>Built in 1811<\/p><\/div><\/li>/);
    expect(text).toContain('- [A press] Built in 1811');
  });

  test('that stand alone have their title as a caption, also as a link', async () => {
    const { email } = await compile(
      issue('![A press](press.png "Built in 1811")\n\n[![Another](b.png "Of 1843")](https://example.com/b)'),
    );
    const { html, text } = read(email!);
    expect(text).toContain('[A press] Built in 1811');
    expect(html).toMatch(/alt="A press"[^>]*><p[^>]*>Built in 1811<\/p>/);
    expect(html).toMatch(/alt="Another"[^>]*><\/a><p[^>]*>Of 1843<\/p>/);
  });

  test('from the root are looked for there, then in the folder for them', async () => {
    const asked: string[] = [];
    const { findings } = await compile(
      issue('![A press](/img/press.png) ![Another](near.png)'),
      { assetsDir: 'static/files', siteUrl: null },
      'issues/x.md',
      async (path) => {
        asked.push(path);
        return null;
      },
    );
    expect(asked).toEqual(['./img/press.png', './static/files/img/press.png', 'issues/near.png']);
    expect(findings.map(({ rule }) => rule)).toEqual(['image-missing', 'image-missing']);
  });

  test('have their height as a number, for Outlook', async () => {
    const { email } = await compile(issue('![A press](press.png)'));
    expect(read(email!).html).toMatch(/<img [^>]*width="1" height="1"/);
  });

  test('drawn by a program are as sharp as others: twice as wide as shown', async () => {
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150"><rect width="9" height="9"/></svg>';
    const image = await prepareImage(Buffer.from(drawing), 520);
    if ('fault' in image) throw new Error(image.fault);
    expect([image.width, image.height]).toEqual([300, 150]);
    expect((await sharp(image.bytes).metadata()).width).toBe(600);
  });

  test('that a phone stored lying down stand up', async () => {
    const pixels = { create: { width: 60, height: 20, channels: 3, background: 'red' } } as const;
    const lying = await sharp(pixels).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const image = await prepareImage(lying, 520);
    if ('fault' in image) throw new Error(image.fault);
    expect([image.width, image.height]).toEqual([20, 60]);
  });
});

describe('the logo', () => {
  const branded = (logo: string) => ({ brand: { ...newsletter.brand, logo } });

  test('stands in the masthead under the newsletter’s name', async () => {
    const { email, findings } = await compile(issue('x'), branded('templates/logo.png'));
    expect(findings).toEqual([]);
    expect(read(email!).html).toMatch(/<img src="cid:[^"]+" width="1" height="1" alt="The Broadside"/);
    expect(email!.embedded).toHaveLength(1);
  });

  test('on the web keeps its address, and the width that was asked for', async () => {
    const { email } = await compile(issue('x'), branded('https://example.com/logo.png'));
    expect(read(email!).html).toContain(
      '<img src="https://example.com/logo.png" width="160" alt="The Broadside"',
    );
  });

  test('that cannot be shown is a finding, and the name stands in type', async () => {
    const { email, findings } = await compile(issue('x'), branded('data:image/png;base64,AAAA'));
    expect(findings.map(({ rule, path }) => `${path} ${rule}`)).toEqual(['newsletter.config.ts image-logo']);
    expect(read(email!).html).toMatch(/<p[^>]*>The Broadside<\/p>/);
  });

  test('is set on the sheet’s colour where it is transparent: dark letters would vanish in the dark', async () => {
    const clear = await sharp({ create: { width: 4, height: 4, channels: 4, background: '#0000' } })
      .png()
      .toBuffer();
    const image = await prepareImage(clear, 160, '#ffffff');
    if ('fault' in image) throw new Error(image.fault);
    const { isOpaque, dominant } = await sharp(image.bytes).stats();
    expect(isOpaque).toBe(true);
    expect(dominant.r).toBeGreaterThan(240);
  });
});

describe('lists', () => {
  test('need no element for their single paragraphs', async () => {
    const { email } = await compile(issue('- one\n\n- two'));
    expect(read(email!).html).toMatch(/<li[^>]*>one<\/li><li[^>]*>two<\/li>/);
  });

  test.each(['- [ ] one\n- [x] two', '- [ ] one\n\n- [x] two', '- [ ] one\n\n  more\n\n- [x] two\n\n  more'])(
    'have each box once: %j',
    async (list) => {
      const { email } = await compile(issue(list));
      const { html, text } = read(email!);
      expect(html.match(/☐ one|☑ two/g)).toEqual(['☐ one', '☑ two']);
      expect(html).not.toMatch(/\[[ x]\]/);
      expect(text.match(/\[[ x]\] \w+/g)).toEqual(['[ ] one', '[x] two']);
    },
  );
});

test('rules for what a mail does not hold are left out of its style sheet', async () => {
  const plain = read((await compile(issue('x'))).email!).html;
  const coloured = read((await compile(issue('```ts\nconst a = 1;\n```'))).email!).html;
  expect(plain).not.toContain('.hk{');
  expect(coloured).toContain('.hk{');
  expect(plain).toContain('.ink{');
  // Of a single column, which is as wide as the mail anyway.
  expect(plain).not.toContain('.mj-column-per-100{');
});

test('columns side by side keep the rules that set them so, in Thunderbird too', async () => {
  const column = '<mj-column><mj-text>x</mj-text></mj-column>';
  const { html } = await mjml2html(
    `<mjml><mj-body><mj-section>${column}</mj-section><mj-section>${column}${column}</mj-section></mj-body></mjml>`,
  );
  const small = prune(compact(html));
  expect(small).toMatch(/\{\.mj-column-per-50\{width:50%/);
  expect(small).toMatch(/<style[^>]*>\.moz-text-html \.mj-column-per-50\{width:50%/);
  expect(small).not.toMatch(/\.mj-column-per-100\s*\{/);
});
