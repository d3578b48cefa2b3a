import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { expect, test } from 'vitest';
import { realIssues, seedFolder } from '../support/shared.ts';
import { compile } from './sample.ts';

interface MdNode {
  readonly type: string;
  readonly position: { readonly start: { readonly line: number; readonly column: number } };
  readonly children?: readonly MdNode[];
}

function places(body: string, bodyLine: number): string[] {
  const found: string[] = [];
  const visit = (node: MdNode) => {
    if (node.type === 'link' || node.type === 'linkReference')
      found.push(`${node.position.start.line + bodyLine - 1}:${node.position.start.column}`);
    node.children?.forEach(visit);
  };
  visit(unified().use(remarkParse).use(remarkGfm).parse(body) as MdNode);
  return found;
}

test('every link of a real newsletter is placed where another parser places it', async () => {
  const source = seedFolder
    ? readFileSync(join(seedFolder, 'index.md'), 'utf8')
    : '# A\n\n- [one](https://example.com/1),\n  [two\n  lines](https://example.com/2)\n';
  const { email, issue } = await compile(source);
  expect(email!.links.map(({ line, column }) => `${line}:${column}`)).toEqual(
    places(issue.body, issue.bodyLine),
  );
});

test('over many real newsletters, at most 1 in 200 links is placed elsewhere', async () => {
  let all = 0;
  const wrong: string[] = [];
  for (const file of realIssues()) {
    const { email, issue } = await compile(readFileSync(file), {}, file);
    const wanted = new Set(places(issue.body, issue.bodyLine));
    // Raw HTML's links are not links to a Markdown parser.
    const found = email!.links
      .filter(({ text }) => text !== '')
      .map(({ line, column }) => `${line}:${column}`);
    all += found.length;
    wrong.push(
      ...found
        .filter((place) => !wanted.has(place))
        .map((place) => `${file.split('/').slice(-2).join('/')}:${place}`),
    );
  }
  if (process.env.WRONG) console.log(all, wrong);
  expect(wrong.length).toBeLessThanOrEqual(all / 200);
});

test('fields before a link on its line do not shift it', async () => {
  const { email } = await compile(
    'Hello {{subscriber.name | "friend"}} and \\{{subscriber.x}}, see [this](https://example.com/).\n',
  );
  expect(email!.links[0]).toMatchObject({ line: 1, column: 65 });
});

test('what is wrong with a choice is told where it stands', async () => {
  const { findings } = await compile('::: if a\n- item\n:::\n\n> quote\n:::\n\n::: if (\n:::\n\n::: if b\n');
  expect(findings.filter(({ rule }) => rule === 'choice').map(({ line }) => line)).toEqual([6, 8, 11]);
});
