import { Resolver } from 'node:dns/promises';
import type { Looked, LookUp, RecordType } from '../../doctor/look-up.ts';

const MISSING = ['ENOTFOUND', 'ENODATA', 'NXDOMAIN'];

/**
 * DNS through the resolver of this machine, or through `server` (`127.0.0.1:5353`). Each name is asked once; an answer
 * that does not come within two tries of 2 and 4 s, or makes no sense, is a fault and not a missing record.
 */
export function openResolver(server: string | null): LookUp {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (server !== null) resolver.setServers([server]);
  const asked = new Map<string, Promise<Looked>>();
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const known = asked.get(key) ?? ask(resolver, name, type);
    asked.set(key, known);
    return known;
  };
}

async function ask(resolver: Resolver, name: string, type: RecordType): Promise<Looked> {
  try {
    return { records: (await recordsOf(resolver, name, type)).slice(0, 100), fault: null };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (MISSING.includes(code)) return { records: [], fault: null };
    return { records: [], fault: code === 'ETIMEOUT' ? 'DNS does not answer' : code || message };
  }
}

async function recordsOf(resolver: Resolver, name: string, type: RecordType): Promise<string[]> {
  if (type === 'TXT') return (await resolver.resolveTxt(name)).map((strings) => strings.join(''));
  if (type === 'MX')
    return (await resolver.resolveMx(name))
      .sort((a, b) => a.priority - b.priority)
      .map(({ priority, exchange }) => `${priority} ${exchange}`);
  if (type === 'PTR') return resolver.resolvePtr(name);
  return type === 'A' ? resolver.resolve4(name) : resolver.resolve6(name);
}
