import { describe, expect, test } from 'vitest';
import { checkIssue } from '../../src/check/check-issue.ts';
import { RULES, type RuleName } from '../../src/check/rules.ts';
import type { Email, ImageUse } from '../../src/email/email.ts';
import type { Newsletter } from '../../src/newsletter.ts';
import { compile, newsletter } from '../email/sample.ts';

/** An issue with nothing to mend, but for what a case puts in. */
function letter({
  subject = 'The type of the press',
  preheader = 'What the type founder said, and why the ink was late.',
  body = 'Words enough.',
}) {
  return `---\ntitle: The type of the press\nsubject: ${JSON.stringify(subject)}\npreheader: ${JSON.stringify(preheader)}\n---\n\n${body}\n`;
}

/** Every image as wide as the column: the sample's files are a pixel, which needs no words. */
function wide({ images }: Email): Partial<Email> {
  return { images: images.map((image) => ({ ...image, width: 52, height: 26 })) };
}

/** `rule line:column` of what is found, errors of the compiler apart. */
async function found(
  parts: Parameters<typeof letter>[0],
  changes: Partial<Newsletter> = {},
  edit: (email: Email) => Partial<Email> = wide,
): Promise<string[]> {
  const { issue, ...compiled } = await compile(letter(parts), changes);
  const email = compiled.email && { ...compiled.email, ...edit(compiled.email) };
  const findings = checkIssue(issue, { ...compiled, email }, { ...newsletter, ...changes });
  for (const one of findings) {
    expect(one.severity).toBe(RULES[one.rule as RuleName]);
    expect(one.path).toBe('issues/x.md');
    expect(one.message, one.rule).toMatch(/^\p{P}?\S.*\.$/su);
    expect(one.hint, one.rule).not.toBe('');
  }
  return findings.map(({ rule, line, column }) => `${rule} ${line}:${column}`);
}

/** Text that fires each rule, where, and text near it that must not. Lines count from the front matter's first. */
const BODIES: Partial<Record<RuleName, { fires: [string, string][]; quiet: string[] }>> = {
  'link-empty': {
    fires: [
      ['See [](https://a.example.com/).', '7:5'],
      ['See [the press]().', '7:5'],
      ['See [the press](#).', '7:5'],
      ['See <a href="https://a.example.com/"></a> it.', '7:5'],
    ],
    quiet: [
      'See [the press](https://a.example.com/).',
      '[![The press](p.png)](https://a.example.com/)',
      '`[]()`',
    ],
  },
  'link-generic': {
    fires: [
      ['Read it [here](https://a.example.com/).', '7:9'],
      ['Read it [**Click here**!](https://a.example.com/).', '7:9'],
      ['Lies es [hier](https://a.example.com/).', '7:9'],
      ['[点击这里](https://a.example.com/)', '7:1'],
      ['<a href="https://a.example.com/">more</a>', '7:1'],
    ],
    quiet: ['Read [what the founder said here](https://a.example.com/).', '`[here](https://a.example.com/)`'],
  },
  'link-ambiguous': {
    fires: [['[Press](https://a.example.com/) and [press](https://b.example.com/)', '7:37']],
    quiet: [
      '[Press](https://a.example.com/) and [press](http://www.a.example.com)',
      '[Press](https://a.example.com/) and [type](https://b.example.com/)',
    ],
  },
  'link-repeated': {
    fires: [
      ['[Press](https://a.example.com/) [press](https://a.example.com/)', '7:33'],
      ['[![The press](p.png)](https://a.example.com/)\n[The press](https://a.example.com/)', '8:1'],
    ],
    quiet: [
      '[Press](https://a.example.com/)\n\n[press](https://a.example.com/)',
      '[Press](https://a.example.com/), [ink](https://b.example.com/), [press](https://a.example.com/)',
      '[Press](https://a.example.com/) and [ink](https://a.example.com/)',
    ],
  },
  'link-insecure': {
    fires: [['[Press](http://a.example.com/)', '7:1']],
    quiet: [
      '[Press](https://a.example.com/)',
      '[Write](mailto:a@example.com)',
      'Not `http://a.example.com/`.',
    ],
  },
  'link-private': {
    fires: [
      ['[Press](http://localhost:3000/)', '7:1'],
      ['[Press](https://127.0.0.1/)', '7:1'],
      ['[Press](https://192.168.1.4/x)', '7:1'],
      ['[Press](https://[::1]/)', '7:1'],
      ['[Press](https://[fd00::1]/)', '7:1'],
      ['[Press](https://build.corp/)', '7:1'],
      ['[Press](https://0x7f000001/)', '7:1'],
    ],
    quiet: [
      '[Press](https://172.32.0.1/)',
      '[Press](https://localhost.example.com/)',
      '[Press](https://[2001:db8::1]/)',
      '```\ncurl http://localhost:3000/\n```',
      '`http://localhost/`',
    ],
  },
  'link-shortener': {
    fires: [['[Press](https://bit.ly/3abc)', '7:1']],
    quiet: [
      '[Press](https://bit.ly/)',
      '[Press](https://orbit.ly/3abc)',
      '[Press](https://a.example.com/bit.ly/x)',
    ],
  },
  'link-malformed': {
    fires: [
      ['[Press](https://a.example.com:99999/)', '7:1'],
      ['[Press](<https://a b.example.com/>)', '7:1'],
      ['[Press](https://examplecom/)', '7:1'],
    ],
    quiet: ['[Press](https://a.example.com/?q=a%20b#c)', '[Press](/relative)'],
  },
  'image-alt': {
    fires: [
      ['![](p.png)', '7:1'],
      ['![ ](p.png)', '7:1'],
      ['<img src="p.png">', '7:1'],
    ],
    quiet: ['![The press, printing](p.png)', '<img src="p.png" alt="">', '`![](p.png)`'],
  },
  'image-alt-name': {
    fires: [
      ['![press-1.png](p.png)', '7:1'],
      ['![Image](p.png)', '7:1'],
    ],
    quiet: ['![An image of the press](p.png)'],
  },
  'image-insecure': {
    fires: [['![The press](http://a.example.com/p.png)', '7:1']],
    quiet: ['![The press](https://a.example.com/p.png)', '![The press](p.png)'],
  },
  'image-private': {
    fires: [['![The press](http://10.0.0.1/p.png)', '7:1']],
    quiet: ['![The press](https://10.example.com/p.png)'],
  },
  'heading-order': {
    fires: [
      ['## Ink\n\n#### Black', '9:1'],
      ['### Ink', '7:1'],
      ['Ink\n---\n\n#### Black', '10:1'],
    ],
    quiet: [
      '## Ink\n\n### Black\n\n## Type',
      '# Press\n\n## Ink',
      '```\n## Ink\n#### Black\n```',
      '- one\n---\n### x'.slice(0, 5),
    ],
  },
  'heading-empty': {
    fires: [['##\n\nWords.', '7:1']],
    quiet: ['## Ink', '#hashtag'],
  },
  contrast: {
    fires: [
      ['<span style="color: #cccccc">Pale</span>', '7:1'],
      ['Say <font color="yellow">so</font>', '7:5'],
      ['<span style="color:#222222">Dark on dark</span>', '7:1'],
      ['<div style="background-color: #000000">Ink on black</div>', '7:1'],
    ],
    quiet: [
      '<span style="color: #ffffff; background-color: #000000">Both</span>',
      '<span style="color: #767676">Grey</span>',
      '<table bgcolor="#fff3c4"><tr><td>Ink on yellow</td></tr></table>',
      '<span style="color: var(--x)">Unknown</span>',
      '`<span style="color: #cccccc">`',
    ],
  },
  leftover: {
    fires: [
      ['{% include figure.html %}', '7:1'],
      ['{{< youtube abc >}}', '7:1'],
      ['Dear {{ first_name }},', '7:6'],
      ['Dear *|FNAME|*,', '7:6'],
      ['[gallery ids="1,2"]', '7:1'],
      ['{filename}/p.md', '7:1'],
      ['So <%= name %>.', '7:4'],
      ['See ![[press.png]].', '7:5'],
      ['!!! note "On presses"', '7:1'],
      ['*[ISSN]: a number', '7:1'],
      [':::note\nWords.', '7:1'],
      ['import A from "./a"', '7:1'],
    ],
    quiet: [
      '`{% raw %}`',
      '```\n{{< x >}}\n```',
      'Dear {{subscriber.name | "reader"}},',
      'A set {a, b} and 100 %.',
      '[gallery](https://a.example.com/)',
      'We import paper from "the mill".',
      '<!-- {% x %} -->',
      'See [[1]](https://a.example.com/), !!! and ::: so.',
      '`[[x]]`',
    ],
  },
  'spam-words': {
    fires: [
      ['Dear Friend,', '7:1'],
      ['It is 100% guaranteed.', '7:7'],
      ['With a money back guarantee.', '7:8'],
      ['A one-time offer.', '7:3'],
      ['Your free online quote.', '7:6'],
    ],
    quiet: [
      '`100% guaranteed`',
      'Dear friends of the press,',
      'Nothing is guaranteed here.',
      'Say it one time. Offer it.',
    ],
  },
  placeholder: {
    fires: [
      ['Lorem ipsum dolor.', '7:1'],
      ['And then TODO: finish.', '7:10'],
      ['[insert name here]', '7:1'],
    ],
    quiet: ['My todo: write.', 'A list of TODOs', '`TODO: x`', '[TODO](https://a.example.com/)'],
  },
};

describe.each(Object.entries(BODIES))('%s', (rule, { fires, quiet }) => {
  test.each(fires)('is found in %j', async (body, place) => {
    expect(await found({ body })).toContain(`${rule} ${place}`);
  });
  test.each(quiet)('is not found in %j', async (body) => {
    expect((await found({ body })).filter((one) => one.startsWith(`${rule} `))).toEqual([]);
  });
});

const SUBJECTS: Partial<Record<RuleName, { fires: string[]; quiet: string[] }>> = {
  'subject-empty': {
    fires: ['{{subscriber.name}}'],
    quiet: ['{{subscriber.name | "you"}}', 'Hello {{subscriber.name}}'],
  },
  'subject-emoji': { fires: ['🎉 🎉!'], quiet: ['🎉 Party', '42', '新年快乐'] },
  'subject-capitals': {
    fires: ['BUY THE NEW TYPE'],
    quiet: ['NASA', 'The NEW TYPE', 'EBPF 新聞 をお届けします', '新年快乐 大家好 新年快乐'],
  },
  'subject-reply': {
    fires: ['Re: the press', 'AW: Presse', 'fwd: x'],
    quiet: ['Reading: the press', 'A reply: yes'],
  },
  'subject-spam': {
    fires: ['Free type for all', 'Really?! Type', 'Save 50% on type'],
    quiet: ['Type, free of charge', 'Really? Type', 'To save time'],
  },
};

describe.each(Object.entries(SUBJECTS))('%s', (rule, { fires, quiet }) => {
  test.each(fires)('is found in %j', async (subject) => {
    expect(await found({ subject })).toContain(`${rule} 3:1`);
  });
  test.each(quiet)('is not found in %j', async (subject) => {
    expect(await found({ subject })).not.toContain(`${rule} 3:1`);
  });
});

const PREHEADERS: Partial<Record<RuleName, { fires: string[]; quiet: string[] }>> = {
  'preheader-missing': { fires: [''], quiet: ['Ink'] },
  'preheader-short': {
    fires: ['Ink and type.'],
    quiet: ['What the type founder said this time.', '字體鑄造師這次說了什麼，墨水為什麼遲到'],
  },
  'preheader-repeats': { fires: ['The type of the press!'], quiet: ['The type of the press, and its ink'] },
};

describe.each(Object.entries(PREHEADERS))('%s', (rule, { fires, quiet }) => {
  test.each(fires)('is found in %j', async (preheader) => {
    expect((await found({ preheader })).map((one) => one.split(' ')[0])).toContain(rule);
  });
  test.each(quiet)('is not found in %j', async (preheader) => {
    expect((await found({ preheader })).map((one) => one.split(' ')[0])).not.toContain(rule);
  });
});

/** An image as the compiler measured it. */
const image = (changes: Partial<ImageUse>): ImageUse => ({
  src: 'p.png',
  alt: 'The press',
  width: 520,
  height: 260,
  size: 1000,
  line: 7,
  column: 1,
  ...changes,
});

describe('weights and sizes', () => {
  const rulesOf = async (images: ImageUse[], body = 'Words enough. '.repeat(60)) =>
    (await found({ body }, {}, () => ({ images }))).map((one) => one.split(' ')[0]);

  test('image-heavy', async () => {
    expect(await rulesOf([image({ size: 300_001 })])).toEqual(['image-heavy']);
    expect(await rulesOf([image({ size: 300_000 })])).toEqual([]);
  });

  test('images-heavy counts an image once', async () => {
    const images = (count: number, src: (index: number) => string) =>
      Array.from({ length: count }, (_, index) =>
        image({ size: 260_000, src: src(index), width: 10, height: 10 }),
      );
    expect(await rulesOf(images(4, (index) => `${index}.png`))).toEqual(['images-heavy']);
    expect(await rulesOf(images(3, (index) => `${index}.png`))).toEqual([]);
    expect(await rulesOf(images(8, () => 'same.png'))).toEqual([]);
  });

  test('text-ratio', async () => {
    const large = [image({ width: 520, height: 900 })];
    expect(await rulesOf(large, 'Few words.')).toEqual(['text-ratio']);
    expect(await rulesOf(large, 'Words enough. '.repeat(300))).toEqual([]);
    expect(await rulesOf([image({ width: null, height: null })], 'Few words.')).toEqual([]);
  });

  test('html-large and html-clipped, with the section in which it is cut', async () => {
    const sections = (count: number) =>
      Array.from({ length: count }, (_, index) => `## Part ${index}\n\n${'Words enough. '.repeat(140)}`).join(
        '\n\n',
      );
    const sizes = async (count: number) =>
      Buffer.byteLength(JSON.stringify((await compile(letter({ body: sections(count) }))).email!.html));
    const each = (await sizes(20)) - (await sizes(19));
    const base = (await sizes(20)) - 20 * each;
    const upTo = (octets: number) => Math.floor((octets - base) / each);
    expect(await found({ body: sections(upTo(85_000)) })).toEqual([]);
    expect(await found({ body: sections(upTo(97_000)) })).toEqual(['html-large 2:1']);
    const clipped = await found({ body: sections(upTo(150_000)) });
    expect(clipped).toHaveLength(1);
    const line = Number(/^html-clipped (\d+):1$/.exec(clipped[0]!)![1]);
    // A part has four lines: the cut one begins near the share that Gmail keeps.
    const part = (line - 7) / 4;
    expect(Math.abs(part - upTo(102_000))).toBeLessThanOrEqual(3);
  });
});

describe('unsubscribe-link', () => {
  const without = (email: Email, part: 'html' | 'text') => ({
    [part]: email[part].filter(
      (piece) => typeof piece === 'string' || piece.kind !== 'field' || piece.name !== 'links.unsubscribe',
    ),
  });

  test.each(['html', 'text'] as const)('is missed in the %s part', async (part) => {
    expect(await found({}, {}, (email) => without(email, part))).toEqual(['unsubscribe-link 2:1']);
  });

  test('in one branch of a choice it is not there for every reader', async () => {
    const field = { kind: 'field', name: 'links.unsubscribe', fallback: null, landing: 'text' } as const;
    const when = { kind: 'field', field: 'plan' } as never;
    const choice = (otherwise: Email['text']) => [
      { kind: 'choice', when, then: [field], otherwise } as const,
    ];
    expect(await found({}, {}, () => ({ text: choice([]) }))).toEqual(['unsubscribe-link 2:1']);
    expect(await found({}, {}, () => ({ text: choice([field]) }))).toEqual([]);
  });
});

test('a good issue is silent', async () => {
  expect(await found({})).toEqual([]);
});

test('an issue that did not compile says nothing more', async () => {
  const { issue } = await compile(letter({}));
  expect(checkIssue(issue, { email: null, findings: [], mjml: '' }, newsletter)).toEqual([]);
});

test('every rule of an issue is tried here', () => {
  const elsewhere: RuleName[] = [
    'link-broken',
    'client-support',
    'field-unknown',
    'field-missing',
    'postal-address',
    'public-url',
    'no-unsubscribe',
    'site-url',
  ];
  const here = [
    'image-heavy',
    'images-heavy',
    'text-ratio',
    'html-large',
    'html-clipped',
    'unsubscribe-link',
  ];
  const tried = [BODIES, SUBJECTS, PREHEADERS].flatMap((table) => Object.keys(table));
  expect([...tried, ...here, ...elsewhere].sort()).toEqual(Object.keys(RULES).sort());
});
