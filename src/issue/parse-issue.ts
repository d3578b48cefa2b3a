import type { Finding, Severity } from '../finding.ts';
import type { Issue, ReadIssue } from './issue.ts';
import { parseFrontMatter } from './parse-front-matter.ts';
import { parseSendAt } from './parse-send-at.ts';
import { splitFrontMatter } from './split-front-matter.ts';
import { stripMarkdown } from './strip-markdown.ts';

/**
 * Reads one Markdown file: `bytes` in UTF-8, `path` as findings will name it. Gives the Issue with every key resolved
 * (DESIGN: Front matter), and all findings at once; `issue` is null when an error stands among them.
 */
export function parseIssue(path: string, bytes: Uint8Array): ReadIssue {
  const findings: Finding[] = [];
  const report = (severity: Severity, rule: string, at: Place, message: string, hint = '') =>
    findings.push({ severity, rule, path, ...at, message, hint });
  const text = decode(bytes);
  if (text === null) {
    report('error', 'encoding', START, 'The file is not UTF-8.', 'Save it as UTF-8.');
    return { issue: null, findings };
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) report('error', 'control-character', placeOf(text, nul), 'A NUL character.', 'Delete it.');
  const front = splitFrontMatter(text);
  const parsed = parseFrontMatter(front);
  if ('fault' in parsed) {
    const hint =
      front.kind === 'unclosed' ? 'End it with a line like its first.' : 'Quote values that hold : or #.';
    report(
      'error',
      'front-matter',
      { line: parsed.line, column: parsed.column },
      `${capital(parsed.fault)}.`,
      hint,
    );
    return { issue: null, findings };
  }
  const { data } = parsed;
  const keys = keyPlaces(front.block, front.blockLine);
  const at = (key: string): Place => keys[key] ?? START;
  if (parsed.duplicate) {
    const { line, column } = parsed.duplicate;
    report(
      'warning',
      'front-matter',
      { line, column },
      'A key stands twice.',
      'The last one counts: delete the other.',
    );
  }
  if (front.body.trim() === '')
    report(
      'error',
      'empty-issue',
      { line: front.bodyLine, column: 1 },
      'The issue is empty.',
      'Write something below the front matter.',
    );

  /** A one-line text under the first of `names` that is there; control characters would inject headers. */
  const line = (...names: string[]): string | null => {
    const name = names.find((key) => data[key] !== undefined && data[key] !== null && data[key] !== '');
    if (name === undefined) return null;
    const value = data[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      report('error', 'front-matter', at(name), `"${name}" must be one line of text.`);
      return null;
    }
    const oneLine = String(value).trim();
    if (!/\p{Cc}/u.test(oneLine)) return oneLine;
    if (name === 'description' || name === 'summary')
      return oneLine.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '');
    report(
      'error',
      'control-character',
      at(name),
      `"${name}" holds a line break or a control character.`,
      'Keep it on one line.',
    );
    return null;
  };

  const heading = /^ {0,3}#[ \t]+(.+?)[ \t#]*$/m.exec(front.body) ?? /^(\S.*)\n=+[ \t]*$/m.exec(front.body);
  const title = line('title') ?? (heading ? stripMarkdown(heading[1]!) : fileName(path));
  const webPath = line('permalink', 'path') ?? null;
  const subject = line('subject') ?? title;
  if (subject.length > 70)
    report(
      'advice',
      'subject-length',
      at(data.subject ? 'subject' : 'title'),
      `The subject has ${subject.length} characters; inboxes show about 70.`,
      'Put the words that matter first, or set a shorter "subject".',
    );
  const preheader = line('preheader') ?? line('description', 'summary');
  const date = line('date');
  const isDate = date !== null && isCalendarDate(date);
  if (date !== null && !isDate)
    report('warning', 'date', at('date'), `"${date}" is not a date.`, 'Write it like 2026-11-24.');
  const sendAt = line('sendAt');
  const fault = sendAt === null ? null : parseSendAt(sendAt).fault;
  if (fault)
    report(
      'error',
      'send-at',
      at('sendAt'),
      `"${sendAt}" ${fault}.`,
      'Write it like 2026-12-01T09:00+01:00 or 2026-12-01 09:00 Europe/Berlin.',
    );
  const dir = line('dir');
  if (dir !== null && dir !== 'ltr' && dir !== 'rtl')
    report('error', 'front-matter', at('dir'), '"dir" must be ltr or rtl.');
  const slug = slugify(line('slug') ?? lastSegment(webPath) ?? fileName(path));
  if (slug === '')
    report(
      'error',
      'slug',
      at('slug'),
      'The issue has no name to go by.',
      'Set "slug" to a few plain words.',
    );

  const issue: Issue = {
    slug,
    path,
    folder: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.',
    title,
    subject,
    preheader: preheader === null ? null : cutAtWord(stripMarkdown(preheader), 140),
    date: isDate ? date : null,
    draft: data.draft === true || String(data.status).toLowerCase() === 'draft',
    sendAt,
    lateBy: line('lateBy'),
    lang: line('lang'),
    dir: dir === 'ltr' || dir === 'rtl' ? dir : null,
    list: line('list'),
    template: line('template'),
    from: line('from'),
    replyTo: line('replyTo'),
    tags: words(data.tags ?? data.categories),
    authors: words(data.authors ?? data.author),
    webPath: webPath?.startsWith('/') ? webPath : null,
    silence: words(data.silence),
    body: front.body,
    bodyLine: front.bodyLine,
    data,
    keys,
  };
  return { issue: findings.some((finding) => finding.severity === 'error') ? null : issue, findings };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

const START: Place = { line: 1, column: 1 };

/** Text without byte-order mark and with LF line ends, or null when the bytes are not UTF-8. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true })
      .decode(bytes)
      .replaceAll('\r\n', '\n')
      .replaceAll('\r', '\n');
  } catch {
    return null;
  }
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function keyPlaces(block: string, blockLine: number): Record<string, Place> {
  const places: Record<string, Place> = Object.create(null);
  block.split('\n').forEach((line, index) => {
    const key = /^([\w-]+)[ \t]*[:=]/.exec(line)?.[1];
    if (key) places[key] = { line: blockLine + index, column: 1 };
  });
  return places;
}

/** `2020-12-18`, with or without a time; 2017/6/13 and 01-29-2025 exist in the wild and mean nothing certain. */
function isCalendarDate(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$/.test(text) &&
    !Number.isNaN(Date.parse(text.slice(0, 10)))
  );
}

function fileName(path: string): string {
  const parts = path.split('/');
  const last = parts.at(-1)!.replace(/\.(md|markdown)$/i, '');
  return last === 'index' && parts.length > 1 ? parts.at(-2)! : last;
}

function lastSegment(webPath: string | null): string | null {
  return webPath?.split('/').filter(Boolean).at(-1) ?? null;
}

/** A slug names files, links and campaigns: letters, digits and hyphens of any script, never a path. */
function slugify(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-')
    .replace(/^[-._]+|[-._]+$/g, '')
    .slice(0, 120);
}

function words(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return list
    .filter((item) => typeof item === 'string')
    .map((item) => item.trim())
    .filter(Boolean);
}

function cutAtWord(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  const space = cut.lastIndexOf(' ');
  return `${(space > length / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.–-]+$/u, '')}…`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
