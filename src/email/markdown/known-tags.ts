/** Elements that may stand in a mail as they are. */
export const ALLOWED_TAGS = (
  'a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup data dd del details dfn ' +
  'div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p picture pre q ' +
  'rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr'
).split(' ');

/** Elements of HTML that never reach a mail: taken out with their content, or turned into a linked card. */
export const REMOVED_TAGS = (
  'script style link meta base title head html body form input button select option textarea template noscript object ' +
  'param svg math applet frame frameset noframes noembed canvas dialog map area label fieldset legend slot xmp plaintext'
).split(' ');

/** Parts of pictures, films and formulas: their words stay, for `x + 1` is better than nothing. */
const INNER_TAGS = (
  'mi mn mo mrow msup msub msubsup mfrac msqrt mroot mtext mstyle mtable mtr mtd mover munder munderover mspace mpadded ' +
  'menclose mmultiscripts semantics annotation annotation-xml g path circle ellipse rect line polyline polygon defs use ' +
  'symbol lineargradient radialgradient stop text tspan textpath clippath mask pattern filter marker animate desc image source track'
).split(' ');

/** Elements of days gone by, and some that nothing is lost with: only their words stay. */
const PLAIN_TAGS = (
  'acronym big blink marquee nobr basefont bgsound dir hgroup menu search rb rtc output meter progress listing multicol spacer ' +
  'keygen isindex'
).split(' ');

/** Elements that become a card with a link to what they would have shown. */
export const EMBED_TAGS = ['iframe', 'video', 'audio', 'embed'];

const KNOWN = new Set([...ALLOWED_TAGS, ...REMOVED_TAGS, ...INNER_TAGS, ...PLAIN_TAGS, ...EMBED_TAGS]);

/** Is it an element of HTML? `Vec<T>` in running text is not, and must not be lost. */
export function isKnownTag(name: string): boolean {
  return KNOWN.has(name.toLowerCase());
}
