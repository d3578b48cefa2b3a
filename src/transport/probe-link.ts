import { type LookupAddress, lookup } from 'node:dns';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

/** What asking for an address gave. */
export interface Probe {
  readonly works: boolean;
  /** `200`, `404`, `moved to https://…`, `does not answer`. */
  readonly words: string;
}

const TIMEOUT = 10_000;
const REDIRECTS = 5;

/**
 * Asks a web address for its head, or for its first bytes where that is refused, following redirects. Only addresses on
 * the public internet are asked (`isPrivate` tells of an IP or host name): an issue must not make this machine knock at
 * its neighbours, by no redirect and no DNS answer either.
 */
export async function probeLink(href: string, isPrivate: (host: string) => boolean): Promise<Probe> {
  let address = href;
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    if (!URL.canParse(address)) return { works: false, words: 'is not a web address' };
    const url = new URL(address);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return { works: false, words: `is ${url.protocol}, which is not asked` };
    if (isPrivate(url.hostname))
      return { works: false, words: 'lies in a private network and was not asked' };
    const head = await ask(url, 'HEAD', isPrivate);
    const answer =
      'status' in head && [403, 405, 501].includes(head.status) ? await ask(url, 'GET', isPrivate) : head;
    if ('fault' in answer) return { works: false, words: answer.fault };
    if (answer.status < 300 || answer.status >= 400 || !answer.location) {
      const moved = address === href ? '' : `moved to ${address}, `;
      return { works: answer.status < 400, words: `${moved}${answer.status}` };
    }
    address = URL.canParse(answer.location, address)
      ? new URL(answer.location, address).href
      : answer.location;
  }
  return { works: false, words: `redirects more than ${REDIRECTS} times` };
}

function ask(
  url: URL,
  method: 'HEAD' | 'GET',
  isPrivate: (host: string) => boolean,
): Promise<{ readonly status: number; readonly location: string | null } | { readonly fault: string }> {
  return new Promise((resolve) => {
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(
      url,
      {
        method,
        lookup: publicLookup(isPrivate),
        signal: AbortSignal.timeout(TIMEOUT),
        headers: { 'user-agent': 'Broadsheet link check' },
      },
      (response) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null });
        response.destroy();
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({
        fault:
          error.name === 'TimeoutError' || error.name === 'AbortError'
            ? 'does not answer'
            : `cannot be reached (${error.code ?? error.message})`,
      }),
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
