import { createHmac, timingSafeEqual } from 'node:crypto';

export type LinkAction = 'unsubscribe' | 'preferences' | 'web';

/** What a link in a mail stands for. `reader` is `readerToken` of the key: the address itself is never in a link. */
export interface Link {
  readonly purpose: 'live' | 'test';
  readonly action: LinkAction;
  readonly list: string;
  readonly slug: string;
  readonly reader: string;
}

/** A name for a reader that only the holder of the secret can compute: 96 bits, base64url. It changes with the secret. */
export function readerToken(secret: string, key: string): string {
  return mac(secret, 'reader', key).subarray(0, 12).toString('base64url');
}

/**
 * Signs a link: base64url of its parts and 128 bits of HMAC-SHA256, bound to purpose, action, list and issue. Throws
 * without a secret.
 */
export function signLink(secret: string, link: Omit<Link, 'reader'> & { readonly key: string }): string {
  if (secret === '') throw new Error('A link needs a secret');
  const reader = readerToken(secret, link.key);
  const payload = JSON.stringify([
    link.purpose === 'test' ? 't' : 'l',
    link.action[0],
    link.list,
    link.slug,
    reader,
  ]);
  const body = Buffer.from(payload).toString('base64url');
  return `${body}.${mac(secret, 'link', body).subarray(0, 16).toString('base64url')}`;
}

/** Reads a token under any of the live secrets; white space from wrapped lines is ignored. Null: not ours. */
export function readLink(secrets: readonly string[], token: string): Link | null {
  const [body, signature, more] = token.replace(/\s+/g, '').split('.');
  if (!body || !signature || more !== undefined || body.length > 2000) return null;
  const given = Buffer.from(signature, 'base64url');
  const genuine = secrets.some((secret) => {
    // Everybody knows the empty secret.
    if (secret === '') return false;
    const wanted = mac(secret, 'link', body).subarray(0, 16);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (!genuine) return null;
  const [purpose, action, list, slug, reader] = JSON.parse(
    Buffer.from(body, 'base64url').toString(),
  ) as string[];
  const actions: Record<string, LinkAction> = { u: 'unsubscribe', p: 'preferences', w: 'web' };
  return {
    purpose: purpose === 't' ? 'test' : 'live',
    action: actions[action!]!,
    list: list!,
    slug: slug!,
    reader: reader!,
  };
}

function mac(secret: string, use: string, text: string): Buffer {
  return createHmac('sha256', secret).update(`broadsheet:${use}\n${text}`).digest();
}
