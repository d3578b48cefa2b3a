import type { Limits, Newsletter, RelayLimits } from '../newsletter.ts';
import { parseSmtpUrl } from './parse-smtp-url.ts';
import type { OauthClient } from './read-oauth.ts';

/** One of the mail servers of SMTP_URL, with what the configuration says about it. */
export interface RelayOptions {
  /** `host:port`, `user@host:port` where two have that in common: what the ledger counts its messages by. */
  readonly name: string;
  /** Holds a password. */
  readonly url: string;
  /** Null: whoever is free takes the next message. */
  readonly weight: number | null;
  readonly limits: RelayLimits;
}

/**
 * The relays of these URLs, which were checked before, in their order. `relays` names one as `host`, `host:port`,
 * `user@host` or `user@host:port`. Gives what is wrong instead: a server that stands there twice, or a name that is none of theirs.
 */
export function relaysOf(
  smtpUrls: readonly string[],
  limits: Limits,
  relays: Newsletter['relays'],
  oauth: OauthClient | null = null,
): readonly RelayOptions[] | { readonly fault: string } {
  const { domains, ...common } = limits;
  const parsed = smtpUrls.flatMap((url) => {
    const relay = parseSmtpUrl(url, oauth);
    return 'fault' in relay ? [] : [{ url, ...relay, host: relay.host.toLowerCase() }];
  });
  const names = parsed.map(({ host, port, user }) => {
    const alike = parsed.filter((other) => other.host === host && other.port === port);
    return alike.length > 1 && user !== null ? `${user}@${host}:${port}` : `${host}:${port}`;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return { fault: `names ${twice} twice` };
  const known = parsed.map(({ host, port, user }) =>
    [host, `${host}:${port}`, `${user}@${host}`, `${user}@${host}:${port}`].map((name) => name.toLowerCase()),
  );
  const local = parsed.every(({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.'));
  const stray = Object.keys(relays).find((key) => !known.some((all) => all.includes(key)));
  // A rehearsal against a server of this machine need not have their names.
  if (stray !== undefined && !local)
    return {
      fault: `names ${names.join(', ')}, and not ${stray}, for which newsletter.config.ts has \`relays\``,
    };
  return parsed.map(({ url }, index) => {
    const own = Object.entries(relays).find(([key]) => known[index]!.includes(key))?.[1] ?? {};
    const { weight = null, ...changes } = Object.fromEntries(
      Object.entries(own).filter(([, value]) => value !== undefined),
    ) as Newsletter['relays'][string];
    return { name: names[index]!, url, weight, limits: { ...common, ...changes } };
  });
}
