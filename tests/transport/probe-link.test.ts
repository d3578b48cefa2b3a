import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { isPrivateHost } from '../../src/check/private-host.ts';
import { type Probe, probeLink } from '../../src/transport/probe-link.ts';
import { probeLinks } from '../../src/transport/probe-links.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A web server of this test; the address that it listens on, without a path. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** This machine stands for the public web here. */
const isPrivate = (host: string) => host !== '127.0.0.1' && isPrivateHost(host);

describe('asking for a link', () => {
  const answers: Record<string, [number, Record<string, string>]> = {
    '/ok': [200, {}],
    '/gone': [404, {}],
    '/moved': [301, { location: '/ok' }],
    '/inward': [302, { location: 'http://10.0.0.1/secret' }],
    '/mapped': [302, { location: 'http://[::ffff:10.0.0.1]/secret' }],
    '/script': [302, { location: 'javascript:alert(1)' }],
    '/round': [302, { location: '/round' }],
    '/no-head': [404, {}],
  };

  test('redirects are followed, loops end, and no redirect leads inward', async () => {
    const asked: string[] = [];
    const base = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.url === '/hangs-up' && request.method === 'HEAD') return request.socket.destroy();
      const [status, headers] = answers[request.url!] ?? [200, {}];
      response
        .writeHead(request.method === 'GET' && request.url === '/no-head' ? 200 : status, headers)
        .end();
    });
    const probe = (path: string) => probeLink(base + path, isPrivate);
    const unasked = (words: string) => ({
      works: false,
      status: null,
      words: expect.stringContaining(words),
    });
    expect(await probe('/ok')).toEqual({ works: true, status: 200, words: '200' });
    expect(await probe('/gone')).toEqual({ works: false, status: 404, words: '404' });
    expect(await probe('/moved')).toEqual({ works: true, status: 200, words: `moved to ${base}/ok, 200` });
    expect(await probe('/inward')).toEqual(unasked('private'));
    expect(await probe('/mapped')).toEqual(unasked('private'));
    expect(await probe('/script')).toEqual(unasked('javascript:, which is not asked'));
    expect(await probe('/round')).toEqual(unasked('redirects'));
    expect(await probe('/no-head')).toEqual({ works: true, status: 200, words: '200' });
    expect(await probe('/hangs-up')).toEqual({ works: true, status: 200, words: '200' });
    expect(asked).toContain('HEAD /ok');
    expect(asked, 'a page that answers HEAD is not fetched').not.toContain('GET /ok');
    expect(asked).toContain('GET /gone');
  });

  test('a name that leads to this machine is not asked, whatever it is called', async () => {
    const asked: string[] = [];
    const base = await serve((request, response) => {
      asked.push(request.url!);
      response.end();
    });
    const named = base.replace('127.0.0.1', 'localhost');
    expect(await probeLink(named, isPrivateHost)).toMatchObject({
      words: expect.stringContaining('private'),
    });
    // The name passes, as one of the public web would; what DNS makes of it does not.
    const byAddress = (host: string) => host !== 'localhost' && isPrivateHost(host);
    expect((await probeLink(named, byAddress)).words).toContain('EPRIVATE');
    expect(asked).toEqual([]);
  });

  test('a signal ends the question under way', async () => {
    const stop = new AbortController();
    const base = await serve(() => stop.abort());
    expect(await probeLink(base, isPrivate, stop.signal)).toEqual({
      works: false,
      status: null,
      words: 'does not answer',
    });
  });

  test('what is nobody is said', async () => {
    const base = await serve(() => {});
    for (const close of closing.splice(0)) close();
    expect((await probeLink(base, isPrivate)).words).toContain('ECONNREFUSED');
    expect((await probeLink('https://', isPrivate)).words).toBe('is not a web address');
  });
});

describe('addresses that are not of the public web', () => {
  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.0.1',
    '192.0.0.8',
    '169.254.169.254',
    '100.64.0.1',
    '198.19.255.255',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:ffff:0a00:0001]',
    '[64:ff9b::10.0.0.1]',
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[fc00::1]',
    '[fdff::1]',
    '[fe80::1]',
    '[fe80::1%eth0]',
    '[fec0::1]',
    '[ff02::1]',
    'localhost',
    'localhost.',
    'a.localhost',
    'printer.local',
    'intranet',
  ])('%s', (host) => {
    expect(isPrivateHost(host)).toBe(true);
  });

  test.each([
    'example.com',
    '8.8.8.8',
    '172.32.0.1',
    '192.0.1.1',
    '198.20.0.1',
    '223.255.255.255',
    '[2606:4700::1111]',
    '[::ffff:8.8.8.8]',
    '[64:ff9b::8.8.8.8]',
    '[2002:808:808::]',
  ])('but not %s', (host) => {
    expect(isPrivateHost(host)).toBe(false);
  });

  test('an IPv4 address is judged alike in every dress', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const judged = isPrivateHost(address);
        expect(isPrivateHost(`[::ffff:${address}]`)).toBe(judged);
        expect(isPrivateHost(`[64:ff9b::${address}]`)).toBe(judged);
        const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        expect(isPrivateHost(`[::ffff:${hex}]`)).toBe(judged);
        expect(isPrivateHost(`[2002:${hex}::1]`)).toBe(judged);
      }),
    );
  });
});

describe('asking for many', () => {
  const good: Probe = { works: true, status: 200, words: '200' };
  const never = new AbortController().signal;

  test('each once, eight at a time and never two of one host', async () => {
    const address = fc
      .tuple(fc.integer({ min: 0, max: 20 }), fc.nat(5))
      .map(([host, path]) => `https://h${host}.example.com/${path}`);
    await fc.assert(
      fc.asyncProperty(fc.array(address, { maxLength: 80 }), async (addresses) => {
        const asked: string[] = [];
        const busy: string[] = [];
        let most = 0;
        let answers = 0;
        const probe = async (one: string) => {
          const { hostname } = new URL(one);
          expect(busy).not.toContain(hostname);
          asked.push(one);
          busy.push(hostname);
          most = Math.max(most, busy.length);
          for (let turn = one.length % 3; turn >= 0; turn -= 1) await Promise.resolve();
          busy.splice(busy.indexOf(hostname), 1);
          return good;
        };
        const told = await probeLinks(addresses, probe, () => (answers += 1), never);
        const once = [...new Set(addresses)].sort();
        expect(asked.sort()).toEqual(once);
        expect([...told.keys()].sort()).toEqual(once);
        expect(answers).toBe(once.length);
        expect(most).toBe(Math.min(8, new Set(once.map((one) => new URL(one).hostname)).size));
      }),
    );
  });

  test('a signal ends it at once, and what was under way is not counted as broken', async () => {
    const stop = new AbortController();
    const asked: string[] = [];
    const base = await serve((request, response) => {
      asked.push(request.url!);
      if (request.url === '/0') response.end();
      else stop.abort();
    });
    const addresses = [0, 1, 2, 3].map((path) => `${base}/${path}`);
    const probe = (address: string) => probeLink(address, isPrivate, stop.signal);
    const answers = await probeLinks(addresses, probe, () => {}, stop.signal);
    expect(Object.fromEntries(answers)).toEqual({ [`${base}/0`]: good });
    expect(asked).toEqual(['/0', '/1']);
  });
});
