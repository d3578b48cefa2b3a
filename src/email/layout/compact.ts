import { shorten } from './inline-css.ts';

const STYLES = /(<style\b[^>]*>)([\s\S]*?)(?=<\/style>)/g;

/** White space between tags; between two that stand in a line of text (`</a> <a>`) it parts words. */
const BETWEEN =
  /(<\/(?:a|b|em|i|span|strong|u|small|sub|sup|code)>)\s+(?=<(?:a|b|em|i|span|strong|u|small|sub|sup|code)\b)|>\s+(?=<)/g;

/** What MJML writes into every mail and no program of today needs: 700 octets of each. */
const IDLE: readonly (readonly [RegExp, string])[] = [
  // Internet Explorer's own switch, in a mail.
  [/<!--\[if !mso\]><!-->\s*<meta http-equiv="X-UA-Compatible"[^>]*>\s*<!--<!\[endif\]-->/, ''],
  // Outlook 2003 and before.
  [/<!--\[if lte mso 11\]>[\s\S]*?<!\[endif\]-->/, ''],
  [/ mj-outlook-group-fix\b/g, ''],
  // A column as wide as its section says so itself: these rules repeat it for wide windows.
  [
    /(?:\.moz-text-html\s+)?\.mj-column-per-100\s*\{\s*width:\s*100%\s*!important;\s*max-width:\s*100%;?\s*\}/g,
    '',
  ],
  [/@media[^{}]*\{\s*\}/g, ''],
  [/<style\b[^>]*>\s*<\/style>/g, ''],
  [/(<style\b[^>]*?) type="text\/css"/g, '$1'],
  // What tables and words have anyway.
  [/(<table\b[^>]*?) border="0"/g, '$1'],
  [/word-spacing:\s*normal;\s*/g, ''],
  // The same colour twice.
  [/(background:\s*(#[\da-f]{3,6});)\s*background-color:\s*\2;/gi, '$1'],
];

/** MJML's HTML without its white space, and its comments but for Outlook's conditions. It sees no author's text. */
export function compact(html: string): string {
  const lean = IDLE.reduce((text, [idle, instead]) => text.replace(idle, instead), html);
  return (lean.includes('<v:') ? lean : lean.replace(' xmlns:v="urn:schemas-microsoft-com:vml"', ''))
    .replace(/<!--(?!\[if|<!\[endif)[\s\S]*?-->/g, (comment) =>
      /\[if|\[endif\]/.test(comment) ? comment : '',
    )
    .replace(BETWEEN, (_whole, words?: string) => (words ? `${words} ` : '>'))
    .replace(/\s{2,}/g, ' ')
    .replace(/ style="([^"]*)"/g, (_whole, style: string) => (style ? ` style="${shorten(style)}"` : ''))
    .replace(/ class=""/g, '')
    .replace(/"\s+>/g, '">')
    .replace(STYLES, (_whole, open: string, css: string) => open + squeeze(css));
}

function squeeze(css: string): string {
  return css
    .replace(/\s*([{}:;,>])\s*/g, '$1')
    .replace(/\s+!important/g, '!important')
    .replace(/;\}/g, '}')
    .trim();
}

/** The classes that rules in the mail's `<style>` elements name. */
export function classesIn(html: string): Set<string> {
  const rules = [...html.matchAll(STYLES)].map((match) => match[2]).join(' ');
  return new Set([...rules.matchAll(/\.([a-z][\w-]*)/gi)].map((match) => match[1]!));
}

/** Takes out of a finished mail's `<style>` elements the rules for what it does not hold: colours of code, say. */
export function prune(html: string): string {
  const used = new Set(
    [...html.matchAll(/<[a-z][^<>]*? class="([^"]*)"/g)].flatMap((match) => match[1]!.split(/\s+/)),
  );
  // Thunderbird gives its own body this class.
  used.add('moz-text-html');
  const applies = (selector: string) =>
    [...selector.matchAll(/\.([a-z][\w-]*)/gi)].every((match) => used.has(match[1]!));
  return html.replace(STYLES, (_whole, open: string, css: string) => {
    const kept = css.replace(/([^{}]+)(\{[^{}]*\})/g, (_rule, selectors: string, block: string) => {
      const some = selectors.split(',').filter(applies);
      return some.length > 0 ? some.join(',') + block : '';
    });
    return open + kept;
  });
}
