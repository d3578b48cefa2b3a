import { expect, test } from 'vitest';
import { linkSigner } from '../../src/audience/links.ts';
import { openWeb, reader, SECRET } from './open-web.ts';

const ONE_CLICK = { 'List-Unsubscribe': 'One-Click' };
const weekly = await openWeb();
const { link } = await weekly.campaign([
  reader('ann'),
  reader('ben'),
  reader('cleo'),
  reader('dora'),
  reader('eve'),
]);

test('GET and HEAD show a page with one button and change nothing, whoever follows the link', async () => {
  const path = link('ann@example.com');
  for (const headers of [{}, { purpose: 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }]) {
    const { status, text } = await weekly.get(path, headers as Record<string, string>);
    expect(status).toBe(200);
    expect(text.match(/<button>/g)).toHaveLength(1);
    expect(text).toContain('Do you no longer want to get The weekly letter?');
    expect(text, 'the link may have been passed on').not.toContain('ann@');
  }
  expect((await weekly.web.request(path, { method: 'HEAD' })).status).toBe(200);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect(
      (
        await weekly.web.request(path, {
          method,
          body: method === 'OPTIONS' ? null : 'List-Unsubscribe=One-Click',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        })
      ).status,
    ).toBe(404);
  expect(await weekly.suppressed()).toEqual({});
});

test('POST of one click unsubscribes from the list of the mail, without cookie or redirect, as often as it comes', async () => {
  for (const _time of [1, 2, 3]) {
    const { status, headers, text } = await weekly.post(link('ben@example.com'), ONE_CLICK);
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('location')).toBeNull();
    expect(text).toContain('You are unsubscribed');
  }
  expect(await weekly.suppressed()).toEqual({ 'ben@example.com': 'unsubscribed' });
  expect(await weekly.suppressed('monthly')).toEqual({});
});

test('the example of RFC 8058 as multipart', async () => {
  // Section 8.2, with the line breaks of MIME.
  const body = [
    '-----FormBoundaryjWmhtjORrn',
    'Content-Disposition: form-data; name="List-Unsubscribe"',
    '',
    'One-Click',
    '-----FormBoundaryjWmhtjORrn--',
    '',
  ].join('\r\n');
  const { status } = await weekly.post(link('cleo@example.com'), body, {
    'content-type': 'multipart/form-data; boundary=---FormBoundaryjWmhtjORrn',
  });
  expect(status).toBe(200);
  expect(await weekly.suppressed()).toMatchObject({ 'cleo@example.com': 'unsubscribed' });
});

test('without the pair that RFC 8058 names nothing is changed', async () => {
  for (const [body, headers] of [
    [{}, {}],
    [{ 'List-Unsubscribe': 'Two-Clicks' }, {}],
    ['', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['List-Unsubscribe=One-Click', { 'content-type': 'text/plain' }],
    ['--x\r\nbroken', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['no boundary', { 'content-type': 'multipart/form-data' }],
    [
      `List-Unsubscribe=One-Click&x=${'a'.repeat(20_000)}`,
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
  ] as const) {
    const { status, text } = await weekly.post(
      link('dora@example.com'),
      body,
      headers as Record<string, string>,
    );
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).toContain('Nothing was changed');
  }
  expect(await weekly.suppressed()).not.toHaveProperty('dora@example.com');
});

test('a forged, cut or foreign link gives a plain page and changes nothing', async () => {
  const before = await weekly.suppressed();
  const genuine = link('eve@example.com');
  const other = await openWeb();
  const elsewhere = await other.campaign([reader('eve')]);
  const preferences = link('eve@example.com', 'preferences').replace('/p/', '/u/');
  const forged = genuine.slice(0, -3) + (genuine.endsWith('aaa') ? 'bbb' : 'aaa');
  const monthly = linkSigner(SECRET, { list: 'monthly', key: 'eve@example.com' });
  const rebound = `/u/${monthly({ purpose: 'live', action: 'unsubscribe', row: 5 })}`;
  for (const path of [
    genuine.slice(0, -1),
    `${genuine}a`,
    forged,
    preferences,
    rebound,
    '/u/%00',
    `/u/${'a'.repeat(5000)}`,
  ]) {
    const { status, text } = await weekly.post(path, ONE_CLICK);
    expect(status, path).toBe(404);
    expect(text).toContain('This link does not work');
    expect((await weekly.get(path)).status).toBe(404);
  }
  expect((await other.post(genuine, ONE_CLICK)).status, 'the row is somebody else’s there').toBe(404);
  expect((await other.post(elsewhere.link('eve@example.com'), ONE_CLICK)).status).toBe(200);
  expect(await weekly.suppressed()).toEqual(before);
});

test('the link of a test changes nothing, and answers one click as the doctor asks', async () => {
  const before = await weekly.suppressed();
  const signed = linkSigner(SECRET, { list: 'weekly', key: 'eve@example.com' });
  const path = `/u/${signed({ purpose: 'test', action: 'unsubscribe', row: 0 })}`;
  for (const answer of [await weekly.get(path), await weekly.post(path, ONE_CLICK)]) {
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('comes from a test message and changes nothing');
  }
  expect(await weekly.suppressed()).toEqual(before);
});

test('old links are good while their secret is live', async () => {
  const { post, campaign, suppressed } = await openWeb(
    {},
    { secrets: `the newest secret of ours,${SECRET}` },
  );
  await campaign([reader('fay')]);
  const signed = linkSigner(SECRET, { list: 'weekly', key: 'fay@example.com' });
  const path = `/u/${signed({ purpose: 'live', action: 'unsubscribe', row: 1 })}`;
  expect((await post(path, ONE_CLICK)).status).toBe(200);
  expect(await suppressed()).toEqual({ 'fay@example.com': 'unsubscribed' });
});

test('no answer is kept, framed, sniffed or tells where a reader came from', async () => {
  for (const path of [link('ann@example.com'), '/u/nothing', '/nowhere']) {
    const { headers } = await weekly.get(path);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  }
});

test('below a path of publicUrl it answers there, and its health at the root', async () => {
  const { get, post, campaign } = await openWeb({ publicUrl: 'https://example.com/letters' });
  const path = (await campaign([reader('gus')])).link('gus@example.com');
  expect((await get(path)).status).toBe(404);
  expect((await get(`/letters${path}`)).status).toBe(200);
  expect((await post(`/letters${path}`, ONE_CLICK)).status).toBe(200);
  expect((await get('/healthz')).text).toBe('ok\n');
  expect((await get('/readyz')).status).toBe(200);
});
