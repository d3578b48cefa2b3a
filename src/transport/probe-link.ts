import { type LookupAddress, lookup } from 'node:dns';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

/** What asking for an address gave. */
export interface Probe {
  readonly works: boolean;
  /** The last server's answer; null when there was none. */
  readonly status: number | null;
  /** `200`, `404`, `moved to https://…`, `does not answer`. */
  readonly words: string;
}

type Answer =
  | { readonly status: number; readonly location: string | null }
  | { readonly fault: string; readonly hungUp: boolean };

const TIMEOUT = 10_000;
const REDIRECTS = 5;

/**
 * Asks a web address for its head, or for its first bytes where that gives no page, following redirects; each question
 * waits 10 seconds. Only addresses on the public internet are asked (`isPrivate` tells of an IP or host name): an issue
 * must not make this machine knock at its neighbours, by no redirect and no DNS answer either. Aborting `signal` ends
 * the question under way as one that was not answered. Never throws.
 */
export async function probeLink(
  href: string,
  isPrivate: (host: string) => boolean,
  signal: AbortSignal | null = null,
): Promise<Probe> {
  let address = href;
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    if (!URL.canParse(address)) return unasked('is not a web address');
    const url = new URL(address);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return unasked(`is ${url.protocol}, which is not asked`);
    if (isPrivate(url.hostname)) return unasked('lies in a private network and was not asked');
    const head = await ask(url, 'HEAD', isPrivate, signal);
    // Servers that do not know HEAD answer it with almost any fault, or hang up.
    const inVain = 'fault' in head ? head.hungUp : head.status >= 400;
    const answer = inVain ? await ask(url, 'GET', isPrivate, signal) : head;
    const moved = address === href ? '' : `moved to ${address}, `;
    if ('fault' in answer) return unasked(`${moved}${answer.fault}`);
    const { status, location } = answer;
    if (status < 300 || status >= 400 || !location)
      return { works: status < 400, status, words: `${moved}${status}` };
    address = URL.canParse(location, address) ? new URL(location, address).href : location;
  }
  return unasked(`redirects more than ${REDIRECTS} times`);
}

function unasked(words: string): Probe {
  return { works: false, status: null, words };
}

function ask(
  url: URL,
  method: 'HEAD' | 'GET',
  isPrivate: (host: string) => boolean,
  signal: AbortSignal | null,
): Promise<Answer> {
  const patience = AbortSignal.timeout(TIMEOUT);
  return new Promise((resolve) => {
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(
      url,
      {
        method,
        // A connection kept open could lead elsewhere than a name that is judged again.
        agent: false,
        lookup: publicLookup(isPrivate),
        signal: signal ? AbortSignal.any([patience, signal]) : patience,
        headers: { 'user-agent': 'Broadsheet link check' },
      },
      (response) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null });
        response.destroy();
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.name === 'TimeoutError' || error.name === 'AbortError'
          ? { fault: 'does not answer', hungUp: false }
          : {
              fault: `cannot be reached (${error.code ?? error.message})`,
              hungUp: error.code === 'ECONNRESET' || /^HPE_/.test(error.code ?? ''),
            },
      ),
    );
    request.end();
  });
}

/** Looked up once, judged, and connected to as judged: a second look-up could answer otherwise (DNS rebinding). */
function publicLookup(isPrivate: (host: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const allowed = (addresses ?? []).filter(
        ({ address, family }) => !isPrivate(family === 6 ? `[${address}]` : address),
      );
      if (error || allowed.length === 0) {
        const fault = error ?? Object.assign(new Error('private'), { code: 'EPRIVATE' });
        return callback(fault, '', 4);
      }
      if (options.all) return (callback as unknown as (e: null, a: LookupAddress[]) => void)(null, allowed);
      callback(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}
