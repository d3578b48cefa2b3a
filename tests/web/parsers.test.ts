import fc from 'fast-check';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { openClientOf } from '../../src/web/client-of.ts';
import { maskAddress } from '../../src/web/mask-address.ts';
import { parseNetwork } from '../../src/web/parse-network.ts';
import { openRateLimit } from '../../src/web/rate-limit.ts';
import { readAddress } from '../../src/web/read-address.ts';
import { readForm } from '../../src/web/read-form.ts';

/** What `readForm` makes of a body, as plain data. */
async function read(body: BodyInit, type: string) {
  const app = new Hono();
  app.post('/', async (context) => {
    const form = await readForm(context.req);
    return context.json('status' in form ? form : { pairs: [...form] });
  });
  return (await app.request('/', { method: 'POST', body, headers: { 'content-type': type } })).json();
}

describe('a form', () => {
  const TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json'];

  test('of any octets is read or refused, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.json().map((text) => Buffer.from(text)),
          fc
            .array(
              fc.constantFrom(
                '--x',
                '\r\n',
                '--x--',
                'Content-Disposition: form-data; name="a"',
                '\n',
                'v',
                '"',
                ';',
                '\0',
              ),
            )
            .map((parts) => Buffer.from(parts.join(''))),
        ),
        fc.oneof(
          fc.constantFrom(...TYPES),
          fc.constantFrom('multipart/form-data', 'text/plain', 'application/json; charset=x'),
        ),
        async (body, type) => {
          const form = await read(new Uint8Array(body), type);
          if ('status' in form) expect([400, 415]).toContain(form.status);
          else
            for (const [name, values] of form.pairs)
              expect([typeof name, ...values.map((value: unknown) => typeof value)]).not.toContain('object');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('comes out as it was sent, in each of the three ways', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((one) => one.isWellFormed() && !/[\r\n]/.test(one));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          text.filter((name) => name !== '__proto__'),
          text,
          { maxKeys: 5 },
        ),
        async (fields) => {
          const pairs = Object.entries(fields).map(([name, value]) => [name, [value]]);
          const multipart = new FormData();
          for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
          const response = new Response(multipart);
          const type = response.headers.get('content-type')!;
          expect((await read(new URLSearchParams(fields).toString(), TYPES[0]!)).pairs).toEqual(pairs);
          expect((await read(JSON.stringify(fields), TYPES[2]!)).pairs).toEqual(pairs);
          if (pairs.length > 0) expect((await read(await response.arrayBuffer(), type)).pairs).toEqual(pairs);
        },
      ),
    );
  });

  test('larger than any of ours is refused, however many there are', async () => {
    expect(await read(`a=${'x'.repeat(17_000)}`, TYPES[0]!)).toEqual({ status: 413 });
    expect(await read('a=&'.repeat(200), TYPES[0]!)).toEqual({ status: 400 });
    expect(await read(`${'['.repeat(8000)}${']'.repeat(8000)}`, TYPES[2]!)).toEqual({ status: 400 });
  });
});

describe('an address', () => {
  test('that is taken is one line without a list, whatever was typed', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.emailAddress(),
          fc.emailAddress().map((one) => `${one}\r\nBcc: x@example.com`),
        ),
        (text) => {
          const read = readAddress(text);
          if (read) expect(read.address).toMatch(/^[^\s<>,;:"()\p{C}]+@[a-z0-9.-]+$/u);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('is masked to its first letter', () => {
    expect(maskAddress('ann@example.com')).toBe('a…@example.com');
    expect(maskAddress('')).toBe('…');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => maskAddress(text).includes('…')));
  });
});

describe('who asks', () => {
  /** The network of a request from `remote` with this X-Forwarded-For. */
  async function networkOf(remote: string, forwarded: string | null, trusted: readonly string[] = []) {
    const clientOf = openClientOf(trusted);
    const app = new Hono().get('/', (context) => context.text(clientOf(context)));
    const headers = forwarded === null ? {} : { 'x-forwarded-for': forwarded };
    return (
      await app.request(
        '/',
        { headers: headers as Record<string, string> },
        { incoming: { socket: { remoteAddress: remote } } },
      )
    ).text();
  }

  test.each([
    ['203.0.113.7', null, '203.0.113'],
    ['203.0.113.7', '198.51.100.1', '203.0.113'],
    ['127.0.0.1', '198.51.100.1', '198.51.100'],
    ['::1', '9.9.9.9, 198.51.100.1', '198.51.100'],
    ['::ffff:127.0.0.1', '198.51.100.1:4711', '198.51.100'],
    ['10.0.0.7', '198.51.100.1, 10.9.9.9', '198.51.100'],
    ['127.0.0.1', '2001:db8:1:2::5', '2001:db8:1'],
    ['127.0.0.1', '[2001:db8::5]:443', '2001:db8:0'],
    ['fe80::1%eth0', null, 'fe80:0:0'],
    ['127.0.0.1', 'unknown', '127.0.0'],
    ['127.0.0.1', '', '127.0.0'],
  ])('from %s with X-Forwarded-For %j is %s', async (remote, forwarded, network) => {
    expect(await networkOf(remote, forwarded, ['10.0.0.0/8'])).toBe(network);
  });

  test('cannot be forged past a proxy that we trust, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:,[]% x') }), async (lies) => {
        const said = `${lies}, 198.51.100.1`;
        expect(await networkOf('127.0.0.1', said)).toBe('198.51.100');
        await networkOf('127.0.0.1', lies);
      }),
    );
  });

  test('a network is read or refused', () => {
    expect(parseNetwork('10.0.0.0/8')).toEqual({ address: '10.0.0.0', family: 'ipv4', bits: 8 });
    expect(parseNetwork('::1')).toEqual({ address: '::1', family: 'ipv6', bits: 128 });
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseNetwork(text)));
  });
});

describe('a limit', () => {
  test('lets through at most so many at once, and as many again in its time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(2000), { maxLength: 200 }),
        (most, gaps) => {
          const within = 1000;
          const limit = openRateLimit({ most, within });
          const passed: number[] = [];
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            if (limit('one', now) === 0) passed.push(now);
          }
          for (const from of passed)
            expect(passed.filter((at) => at >= from && at < from + within).length).toBeLessThanOrEqual(
              2 * most,
            );
          const burst = openRateLimit({ most, within });
          expect(
            Array.from({ length: most + 5 }, () => burst('one', 5)).filter((wait) => wait === 0),
          ).toHaveLength(most);
          expect(burst('one', 5 + within)).toBe(0);
          expect(burst('other', 5)).toBe(0);
        },
      ),
    );
  });

  test('says how long to wait, and then it is so', () => {
    const limit = openRateLimit({ most: 2, within: 1000 });
    expect([limit('a', 0), limit('a', 0)]).toEqual([0, 0]);
    const wait = limit('a', 100);
    expect(wait).toBe(400);
    expect(limit('a', 100 + wait)).toBe(0);
  });

  test('remembers only so many, whoever floods it', () => {
    const limit = openRateLimit({ most: 1, within: 1e9, keys: 100 });
    for (let key = 0; key < 10_000; key += 1) expect(limit(String(key), 0)).toBe(0);
    expect(limit('9999', 1)).toBeGreaterThan(0);
    expect(limit('5', 1), 'forgotten').toBe(0);
  });
});
