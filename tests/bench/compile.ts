import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import juice from 'juice';
import { marked } from 'marked';
import mjml2html from 'mjml';
import { compileEmail } from '../../src/email/compile-email.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { openProject } from '../../src/project.ts';
import { newsletter } from '../email/sample.ts';
import { realIssues } from '../support/shared.ts';

const ROUNDS = 11;
const AT_ONCE = 10;
const project = openProject(fileURLToPath(new URL('../..', import.meta.url)));

/**
 * Compiling, warm, beside the bare libraries on the same input: marked on the Markdown, MJML on the filled template with
 * that HTML in it, juice on what MJML gives. Theirs makes no text part, checks no link and lets any script through.
 * Prints milliseconds of the thread's own time, which a busy machine changes least, and the ratio to their sum; real
 * newsletters where they are beside the checkout, otherwise the specimen, once and ten times.
 */
export async function benchCompile(): Promise<void> {
  const paths = realIssues();
  const named = (part: string) => paths.find((path) => path.includes(part));
  const specimen = paths.at(-1)!;
  const seed = named('/2020-12-ebpf-updates/');
  const long = named('/en-2024-12-20-newsletter');
  await benchIssue(seed ? 'the seed' : 'the specimen', readFileSync(seed ?? specimen, 'utf8'));
  await benchIssue(
    'a long issue',
    long ? readFileSync(long, 'utf8') : tenTimes(readFileSync(specimen, 'utf8')),
  );
}

function tenTimes(source: string): string {
  const [, front = '', body = ''] = /^(---[\s\S]*?---\n)([\s\S]*)$/.exec(source) ?? [];
  return front + Array.from({ length: 10 }, () => body).join('\n');
}

async function benchIssue(name: string, source: string): Promise<void> {
  const { issue } = parseIssue('issues/bench.md', Buffer.from(source));
  const template = await project.template('newsletter');
  if (!issue || 'findings' in template) throw new Error('The issue cannot be read');
  // Pictures are prepared once and remembered: without them, for they would only be read.
  const compile = () => compileEmail(issue, template, newsletter, async () => null);
  const { email, mjml } = await compile();
  const inner = marked.parse(issue.body) as string;
  let filled = false;
  const set = mjml.replace(/q[\da-f]{7}f\d+zs\d+z/g, () => {
    if (filled) return '';
    filled = true;
    return `<div class="body">${inner}</div>`;
  });
  const css = template.css.replace(/\{\{#.*?\{\{\/if\}\}|\{\{[^}]*\}\}/g, 'inherit');
  const { html } = await mjml2html(set);
  const theirs = {
    marked: () => marked.parse(issue.body),
    MJML: () => mjml2html(set),
    juice: () => juice.inlineContent(html, css),
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [who, work] of Object.entries({ ours: compile, ...theirs })) {
      const before = process.threadCpuUsage();
      for (let count = 0; count < AT_ONCE; count += 1) await work();
      const { user, system } = process.threadCpuUsage(before);
      (times[who] ??= []).push((user + system) / 1000 / AT_ONCE);
    }
  const median = (who: string) => times[who]!.toSorted((one, other) => one - other)[ROUNDS >> 1]!;
  const sum = Object.keys(theirs).reduce((all, who) => all + median(who), 0);
  const parts = Object.keys(theirs).map((who) => `${who} ${median(who).toFixed(1)}`);
  console.log(
    `${`compile ${name}, ${(issue.body.length / 1000).toFixed(0)} KB`.padEnd(34)} ${median('ours').toFixed(1).padStart(7)} ms   ` +
      `${parts.join(' + ')} ms   ${(median('ours') / sum).toFixed(2)} times their sum${email ? '' : '   (did not compile)'}`,
  );
}
