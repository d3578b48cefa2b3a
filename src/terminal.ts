import { once } from 'node:events';
import { styleText } from 'node:util';
import { type Finding, formatFinding } from './finding.ts';

/** How commands speak: data on standard output, everything else on standard error, colour where it is wanted. */
export interface Terminal {
  /** Data, for pipes. */
  print(text: string): void;
  /** Data in any amount, as it stands, no faster than it is read. */
  stream(texts: AsyncIterable<string>): Promise<void>;
  /** Words for a person; silent with `--quiet`. */
  say(text: string): void;
  /** The same, but never silent. */
  insist(text: string): void;
  /** What went wrong and what to do; never silent. */
  complain(text: string, hint?: string): void;
  /** A line each; with `--quiet` only errors. */
  findings(findings: readonly Finding[]): void;
  paint(style: Style, text: string): string;
  /** True when a person can answer a question here. */
  readonly interactive: boolean;
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

const STYLES = { error: 'red', warning: 'yellow', advice: 'cyan' } as const;

/** A terminal over this process's streams. `styleText` honours NO_COLOR, FORCE_COLOR and TERM=dumb. */
export function openTerminal(options: { quiet: boolean; input: boolean }): Terminal {
  const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stderr });
  const insist = (text: string) => void process.stderr.write(`${visible(text)}\n`);
  return {
    paint,
    interactive: options.input && process.stdin.isTTY === true && process.stderr.isTTY === true,
    print: (text) => void process.stdout.write(`${text}\n`),
    async stream(texts) {
      for await (const text of texts) if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    },
    say: (text) => {
      if (!options.quiet) insist(text);
    },
    insist,
    complain: (text, hint) => insist(`${paint('red', 'error')} ${text}${hint ? `\n      ${hint}` : ''}`),
    findings: (findings) => {
      for (const finding of findings) {
        const { severity } = finding;
        if (options.quiet && severity !== 'error') continue;
        insist(
          formatFinding(finding).replace(` ${severity} `, () => ` ${paint(STYLES[severity], severity)} `),
        );
      }
    },
  };
}

/** Escape sequences in a server's reply or an author's file must not drive the terminal; our own colours stay. */
function visible(text: string): string {
  // biome-ignore lint/complexity/useRegexLiterals: a literal with these characters cannot be read
  return text.replace(new RegExp('(?!\\x1b\\[[0-9;]*m)[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]', 'g'), '\ufffd');
}
