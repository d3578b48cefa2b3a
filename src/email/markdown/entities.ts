import { decodeHTML } from 'entities';

/** Character references of HTML as characters (all 2,231 names). */
export function unescapeEntities(text: string): string {
  return text.includes('&') ? decodeHTML(text) : text;
}
