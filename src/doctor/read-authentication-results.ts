import type { Diagnosis, Verdict } from './diagnosis.ts';

const CHECKS = ['spf', 'dkim', 'dmarc'] as const;

/**
 * What the receiver of a message found, by its header (RFC 8601). Only the first Authentication-Results counts: the
 * receiver's own stands above all that others wrote, or made up. Empty: there is none.
 */
export function readAuthenticationResults(header: string): Diagnosis[] {
  const field = header
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .find((line) => /^authentication-results:/i.test(line));
  if (!field) return [];
  const [server = '', ...results] = withoutComments(field.slice(field.indexOf(':') + 1)).split(';');
  const receiver = /[\w.-]+/.exec(server)?.[0] ?? 'the receiver';
  return CHECKS.map((check): Diagnosis => {
    const found = results.flatMap(
      (result) => new RegExp(`^\\s*${check}\\s*=\\s*([a-z]+)`, 'i').exec(result)?.[1]?.toLowerCase() ?? [],
    );
    // Of several signatures one that passes is enough.
    const best = found.includes('pass') ? 'pass' : (found[0] ?? 'nothing');
    return {
      check,
      verdict: verdictOf(best),
      says: `${receiver} says ${check}=${best}.`,
      mend: best === 'pass' ? '' : `See what is said of ${check} above.`,
      source: 'RFC 8601',
    };
  });
}

function verdictOf(result: string): Verdict {
  if (result === 'pass') return 'pass';
  return ['nothing', 'neutral', 'temperror'].includes(result) ? 'unknown' : 'fail';
}

/** Comments nest, and may hold what looks like a result. */
function withoutComments(text: string): string {
  let depth = 0;
  let left = '';
  for (const character of text.slice(0, 10_000)) {
    if (character === '(') depth += 1;
    if (depth === 0) left += character;
    if (character === ')' && depth > 0) depth -= 1;
  }
  return left;
}
