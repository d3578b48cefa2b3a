import sanitizeHtml from 'sanitize-html';
import { ALLOWED_TAGS } from './known-tags.ts';
import { nest } from './nest.ts';
import { SCHEMES } from './schemes.ts';

const length = /^-?\d+(?:\.\d+)?(?:px|em|rem|%|pt)?$/;
const colour = /^(?:#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s.,%]+\))$/i;
const word = /^[a-z-]{2,20}$/;

/** Style declarations that mean the same in every client and can neither fetch nor cover anything. */
const STYLES = {
  color: [colour],
  'background-color': [colour],
  'text-align': [word],
  'font-weight': [/^(?:[a-z]+|\d{3})$/],
  'font-style': [word],
  'text-decoration': [word],
  // Of pixels only in tables, which scroll: anything else would be wider than a phone.
  width: [/^(?:100|\d{1,2})(?:\.\d+)?%$/],
  'max-width': [length],
  'vertical-align': [word],
};

const WIDTH = { width: [length] };

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: ALLOWED_TAGS,
  allowedAttributes: {
    '*': ['align', 'class', 'dir', 'id', 'lang', 'style', 'title', 'role', 'aria-hidden', 'valign'],
    a: ['href', 'name'],
    img: ['src', 'alt', 'width', 'height'],
    ol: ['start', 'type'],
    div: ['tabindex'],
    li: ['value'],
    td: ['colspan', 'rowspan', 'width', 'bgcolor'],
    th: ['colspan', 'rowspan', 'width', 'bgcolor', 'scope'],
    table: ['width', 'cellpadding', 'cellspacing', 'border', 'bgcolor'],
    font: ['color', 'face', 'size'],
    time: ['datetime'],
  },
  allowedSchemes: SCHEMES,
  allowedSchemesByTag: { img: ['http', 'https', 'cid'] },
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: true,
  allowedStyles: { '*': STYLES, table: WIDTH, td: WIDTH, th: WIDTH },
  // With their content: what stands in them is code, not words.
  nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title', 'annotation'],
  transformTags: {
    details: 'div',
    // The title is the h1.
    h1: 'h2',
    summary: () => ({ tagName: 'p', attribs: { class: 'summary' } }),
    center: () => ({ tagName: 'div', attribs: { align: 'center' } }),
  },
  parser: { decodeEntities: true },
};

/**
 * Makes HTML that a stranger wrote safe and well formed: an allow-list of elements, attributes and style declarations.
 * No script, event handler, `javascript:` address, form, style sheet or remote CSS comes through.
 * A declaration without a colon (`max-height=80%`), on which MJML's inliner throws, is dropped with its like.
 */
export function sanitize(html: string): string {
  return nest(sanitizeHtml(html, OPTIONS));
}
