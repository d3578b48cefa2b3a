import type { MiddlewareHandler } from 'hono';

const OURS = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Nothing from elsewhere, no script but ours; the mail has a policy of its own. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * What a mail may do: show styles and pictures. Without scripts, forms or a way to move the page around it; it keeps its
 * origin so that the page can hold its scroll position and point at its elements.
 */
export const MAIL_POLICY =
  "default-src 'none'; img-src 'self' data: https: http:; style-src 'unsafe-inline'; font-src https: data:; " +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; " +
  'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox';

/**
 * Answers only to our own names: a website could else point a name of its own at 127.0.0.1 and read drafts through the
 * browser (DNS rebinding). What sends or asks the web is a POST from our own page; its token is checked by the route.
 */
export const guard: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (!OURS.has(name)) return context.text('This preview answers to 127.0.0.1 and localhost only.', 421);
  if (
    context.req.header('sec-fetch-site') === 'cross-site' &&
    context.req.header('sec-fetch-mode') !== 'navigate'
  )
    return context.text('Other websites may not read the preview.', 403);
  if (!['GET', 'HEAD', 'POST'].includes(context.req.method))
    return context.text('The preview knows GET, HEAD and POST only.', 405);
  // Some Chromiums name no origin within one, but say that it is the same.
  const origin = context.req.header('origin');
  const own = origin ? origin === `http://${host}` : context.req.header('sec-fetch-site') === 'same-origin';
  if (context.req.method === 'POST' && !own)
    return context.text('Only the preview itself may ask for this.', 403);
  await next();
  const { headers } = context.res;
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', PAGE_POLICY);
  headers.set('x-content-type-options', 'nosniff');
  // Not `no-referrer`: with it a form's Origin is null, and that is what a foreign page looks like.
  headers.set('referrer-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('cache-control', 'no-store');
};

/** For the accessibility checker alone: our scripts by their nonce, in a frame that has no origin at all. */
export const AXE_POLICY =
  "default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; script-src 'nonce-NONCE'; " +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts";
