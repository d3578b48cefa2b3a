import { raw } from 'hono/html';

/** An address made by `viewQuery` for an attribute: it is encoded already, but for the ampersands between its parts. */
export function escapeHref(href: string): ReturnType<typeof raw> {
  return raw(href.replace(/&/g, '&amp;').replace(/"/g, '%22').replace(/</g, '%3C'));
}
