import type { MiddlewareHandler } from 'hono';

/**
 * Headers of every answer. Nothing runs, nothing is loaded but what the policy names, nothing is kept, and no other page
 * learns the address of one that is a key: it holds a signed link.
 */
export function guard(policy: string): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    if (!headers.has('content-security-policy'))
      headers.set('content-security-policy', `${policy}; frame-ancestors 'none'`);
    headers.set('x-content-type-options', 'nosniff');
    headers.set('referrer-policy', 'no-referrer');
    if (!headers.has('x-robots-tag')) headers.set('x-robots-tag', 'noindex');
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  };
}
