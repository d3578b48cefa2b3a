import { Marked, Tokenizer } from 'marked';
import { blockMarks } from './block-marks.ts';
import { inlineMarks } from './inline-marks.ts';

/** What ends a comment, a processing instruction and character data. */
const ENDS: Record<string, string> = { '<!--': '-->', '<?': '?>', '<![CDATA[': ']]>' };

/** GitHub-flavoured Markdown, with choices, footnotes, attributes, formulas and emoji by name. */
export const dialect = new Marked({
  gfm: true,
  tokenizer: {
    // An element or a comment that is never closed would take the rest of the issue with it: here, only its own line.
    html(source) {
      if (!/^ {0,3}</.test(source)) return false;
      // Marked takes the blank line after `<div` for a part of the tag.
      const cut = /^ {0,3}<\/?[a-z][a-z\d-]*[ \t]*\n[ \t]*\n/i.exec(source)?.[0];
      if (cut) return { type: 'html', block: true, raw: cut, pre: false, text: cut };
      const opening = /^ {0,3}<(?:(script|pre|style|textarea)\b|!--|\?|!\[CDATA\[)/i.exec(source);
      if (!opening) return false;
      const [begin, name] = [opening[0].trim(), opening[1]];
      if (name ? new RegExp(`</${name}\\s*>`, 'i').test(source) : source.includes(ENDS[begin.toUpperCase()]!))
        return false;
      const raw = /^[^\n]*(?:\n+|$)/.exec(source)![0];
      return { type: 'html', block: true, raw, pre: false, text: raw };
    },
    // A bare address ends where a Chinese or Japanese sentence does.
    url(source) {
      const [run] = /^[^\s<]*/.exec(source)!;
      const end = run.search(/[\u3001-\u3003\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f“”‘’…]/);
      return (end > 0 && Tokenizer.prototype.url.call(this, source.slice(0, end))) || false;
    },
  },
  extensions: [blockMarks, inlineMarks],
});
