import type { Finding, Severity } from '../finding.ts';
import { parseDuration } from '../parse-duration.ts';
import { cutAtWord } from './cut-at-word.ts';
import { decode } from './decode.ts';
import { fileName } from './file-name.ts';
import type { Issue, ReadIssue } from './issue.ts';
import { parseDate } from './parse-date.ts';
import { type Place, parseFrontMatter } from './parse-front-matter.ts';
import { parseSendAt } from './parse-send-at.ts';
import { slugify } from './slugify.ts';
import { splitFrontMatter } from './split-front-matter.ts';
import { firstHeading, stripMarkdown } from './strip-markdown.ts';

const START: Place = { line: 1, column: 1 };
const SEND_AT_HINT = 'Write it like 2026-12-01T09:00+01:00 or 2026-12-01 09:00 Europe/Berlin.';

/**
 * Reads one Markdown file: `bytes` in UTF-8, `path` as findings will name it. Gives the Issue with every key resolved
 * (DESIGN: Front matter), and all findings at once; `issue` is null when an error stands among them. Never throws.
 */
export function parseIssue(path: string, bytes: Uint8Array): ReadIssue {
  const findings: Finding[] = [];
  const report = (severity: Severity, rule: string, at: Place, message: string, hint = '') => {
    findings.push({ severity, rule, path, line: at.line, column: at.column, message, hint });
  };
  const decoded = decode(bytes);
  if ('line' in decoded) {
    report('error', 'encoding', decoded, 'The file is not UTF-8.', 'Save it as UTF-8.');
    return { issue: null, findings };
  }
  const { text } = decoded;
  const nul = text.indexOf('\0');
  if (nul >= 0) report('error', 'control-character', placeOf(text, nul), 'A NUL character.', 'Delete it.');
  const front = splitFrontMatter(text);
  const { body, bodyLine } = front;
  if (body.trim() === '')
    report(
      'error',
      'empty-issue',
      { line: bodyLine, column: 1 },
      'The issue is empty.',
      'Write something below the front matter.',
    );
  const parsed = parseFrontMatter(front);
  if ('fault' in parsed) {
    const hints: Record<string, string> = {
      unclosed: 'End it with a line like its first.',
      foreign: 'Begin it with --- or +++ alone.',
    };
    const hint = hints[front.kind] ?? 'Quote values that hold : or #.';
    report('error', 'front-matter', parsed, `${parsed.fault.replace(/^./, (a) => a.toUpperCase())}.`, hint);
    return { issue: null, findings };
  }
  const { data, keys, written, duplicate } = parsed;
  const at = (key: string): Place => keys[key] ?? START;
  if (duplicate) {
    const key = /[^\s:"']+/.exec(text.split('\n')[duplicate.line - 1] ?? '')?.[0] ?? 'A key';
    report(
      'warning',
      'duplicate-key',
      duplicate,
      `"${key}" stands twice.`,
      'The last one counts: delete the other.',
    );
  }

  /** The key among `names` that is there and not empty. */
  const named = (...names: string[]) =>
    names.find((key) => data[key] !== undefined && data[key] !== null && data[key] !== '');
  /** The text under such a key; `fold` joins lines, else a control character, which would inject a header, is an error. */
  const line = (name: string | undefined, fold = false): string | null => {
    if (name === undefined) return null;
    const value = data[name];
    if (typeof value === 'object') {
      report('error', 'front-matter', at(name), `"${name}" must be one line of text.`);
      return null;
    }
    const shown = String(typeof value === 'number' ? (written[name] ?? value) : value).trim();
    const oneLine = fold ? shown.replace(/\s+/g, ' ') : shown;
    if (!/\p{Cc}/u.test(oneLine)) return oneLine || null;
    report(
      'error',
      'control-character',
      at(name),
      `"${name}" holds a line break or a control character.`,
      'Keep it on one line.',
    );
    return null;
  };

  const title = line(named('title')) ?? firstHeading(body) ?? fileName(path);
  const subject = line(named('subject')) ?? title;
  if (subject.length > 70)
    report(
      'advice',
      'subject-length',
      at(named('subject', 'title') ?? ''),
      `The subject has ${subject.length} characters; inboxes show about 70.`,
      'Put the words that matter first, or set a shorter "subject".',
    );
  const preheader = line(named('preheader', 'description', 'summary'), true);
  const dateText = typeof data.date === 'object' ? JSON.stringify(data.date) : line(named('date'));
  const date = parseDate(dateText ?? '');
  if (dateText !== null && dateText !== 'null' && date === null)
    report('warning', 'date', at('date'), `"${dateText}" is not a date.`, 'Write it like 2026-11-24.');
  const sendAt = line(named('sendAt'));
  const due = sendAt === null ? null : parseSendAt(sendAt);
  if (due && 'fault' in due)
    report('error', 'send-at', at('sendAt'), `"${sendAt}" ${due.fault}.`, SEND_AT_HINT);
  else if (due?.twice)
    report(
      'warning',
      'send-at',
      at('sendAt'),
      `"${sendAt}" happens twice: clocks are put back.`,
      'The first is meant. To say which, write it with its offset, like 2026-12-01T09:00+01:00.',
    );
  const lateBy = line(named('lateBy'));
  if (lateBy !== null && parseDuration(lateBy) === null)
    report('error', 'late-by', at('lateBy'), `"${lateBy}" is no length of time.`, 'Write it like 24h or 3d.');
  const dir = line(named('dir'));
  if (dir !== null && dir !== 'ltr' && dir !== 'rtl')
    report('error', 'front-matter', at('dir'), '"dir" must be ltr or rtl.');
  const webPath = line(named('permalink', 'path'));
  const slug = slugify(line(named('slug')) ?? lastWord(webPath) ?? fileName(path));
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
    preheader: preheader === null ? null : cutAtWord(stripMarkdown(preheader), 140) || null,
    date,
    draft: String(data.draft) === 'true' || String(data.status).toLowerCase() === 'draft',
    sendAt,
    lateBy,
    errataFor: line(named('errataFor')),
    lang: line(named('lang')),
    dir: dir === 'ltr' || dir === 'rtl' ? dir : null,
    list: line(named('list')),
    template: line(named('template')),
    from: line(named('from')),
    replyTo: line(named('replyTo')),
    tags: words(data[named('tags', 'categories', 'category') ?? '']),
    authors: words(data[named('authors', 'author') ?? '']),
    webPath: webPath !== null && isWebPath(webPath) ? webPath : null,
    archive: readArchive(data.archive),
    silence: words(data.silence),
    body,
    bodyLine,
    data,
    keys,
  };
  return { issue: findings.some((finding) => finding.severity === 'error') ? null : issue, findings };
}

/** Null: not set. Whatever is not plainly a yes keeps the issue out: it may not be meant for everybody. */
function readArchive(value: unknown): boolean | null {
  if (value === undefined || value === null || value === '') return null;
  return /^(?:true|yes|on)$/i.test(String(value).trim());
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** The last segment, unless it is a number: `/en/newsletters/2025/07/04/` names no issue. */
function lastWord(webPath: string | null): string | null {
  const last = webPath?.split('/').filter(Boolean).at(-1);
  return last && /\p{L}/u.test(last) ? last.replace(/\.html?$/, '') : null;
}

/** An absolute path on the site: no other host (`//host`), no way up, no query. */
function isWebPath(text: string): boolean {
  return text.startsWith('/') && !/^\/\/|[\s\\?#:<>"]|\.\.|\p{C}/u.test(text);
}

/** A list, a comma-separated line, or objects with a name (`authors: [{ name: … }]`). */
function words(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return list
    .map((item) => (typeof item === 'object' && item !== null ? item.name : item))
    .filter((item) => typeof item === 'string' || typeof item === 'number')
    .map((item) =>
      String(item)
        .replace(/\p{Cc}+/gu, ' ')
        .trim(),
    )
    .filter(Boolean);
}
