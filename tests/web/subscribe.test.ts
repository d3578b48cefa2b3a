import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Answer, openWeb, openWebWithMail, reader } from './open-web.ts';

const news = await openWebWithMail();
const ASK = { email: 'ann@example.com', list: 'weekly' };
const EARLIER = Date.now() - 30 * 60_000;

/** The path of the link in the last mail to an address, once it has come. */
async function linkTo(address: string, mails = 1): Promise<string> {
  const mine = () => news.smtp.received.filter(({ to }) => to.includes(address));
  await expect.poll(() => mine().length, { timeout: 20_000 }).toBe(mails);
  const { content } = mine().at(-1)!;
  return /https:\/\/letters\.example\.com(\/c\/[a-z2-7]+)/.exec(content.replace(/=\r\n/g, ''))![1]!;
}
const button = { confirm: 'yes' };

test('the form says what is agreed to and needs no script', async () => {
  const { status, text, headers } = await news.get('/subscribe');
  expect(status).toBe(200);
  expect(text).toContain('I want to get The weekly letter and The monthly letter by email.');
  expect(text).not.toContain('Staff');
  expect(text).not.toContain('<script');
  expect(headers.get('content-security-policy')).toContain('frame-ancestors *');
  expect((await news.get('/subscribe?list=monthly')).text).toContain('value="monthly" checked');
});

test('a reader subscribes by form: the mail asks, the page asks again, and only its button does it, once', async () => {
  const { status, text } = await news.post('/subscribe', {
    ...ASK,
    name: 'Ann',
    city: 'Ulm',
    form: 'footer',
  });
  expect(status).toBe(200);
  expect(text).toContain('Look into your mailbox');
  const path = await linkTo('ann@example.com');
  const mail = news.smtp.received.at(-1)!;
  expect(mail.content).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mail.content).toMatch(/^Subject: Please confirm: The weekly letter\r$/m);
  expect(mail.content, 'others could send their own words to anybody').not.toMatch(/Ann|Ulm/);
  expect(mail.content).not.toMatch(/^(?:List-|Precedence)/m);

  for (const _scanner of [1, 2]) {
    const page = await news.get(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Shall The weekly letter be sent to ann@example.com?');
    expect(page.text).toContain('value="Ulm"');
  }
  expect((await news.post(path, {})).status, 'a button was pressed, or it was not').toBe(400);
  expect(await news.ledger.subscriptionsOf('ann@example.com')).toEqual([]);

  const done = await news.post(path, { ...button, name: 'Anne', city: 'Ulm' });
  expect(done.status).toBe(200);
  expect(done.text).toContain('You are subscribed');
  expect(await news.ledger.subscriptionsOf('ann@example.com')).toMatchObject([
    { list: 'weekly', address: 'ann@example.com', fields: { name: 'Anne', city: 'Ulm' } },
  ]);
  expect(await news.ledger.consentsOf('ann@example.com')).toMatchObject([
    {
      act: 'asked',
      how: 'form',
      source: 'footer',
      wording: 'I want to get The weekly letter by email. I can leave at any time.',
    },
    { act: 'confirmed', wording: 'Shall The weekly letter be sent to ann@example.com?' },
  ]);
  const manage = /href="(\/p\/[a-z2-7]+)"/.exec(done.text)![1]!;
  expect((await news.get(manage)).text).toContain('value="weekly" checked');

  // Replayed after the reader left, it brings nobody back.
  await news.ledger.suppress({ key: 'ann@example.com', list: 'weekly', reason: 'unsubscribed', at: '' });
  const again = await news.post(path, { ...button });
  expect(again.status).toBe(410);
  expect(again.text).toContain('This link was used before');
  expect(await news.suppressed()).toEqual({ 'ann@example.com': 'unsubscribed' });
});

test('by JSON, from any website', async () => {
  const json = { 'content-type': 'application/json', origin: 'https://blog.example' };
  const preflight = await news.web.request('/subscribe', { method: 'OPTIONS', headers: json });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type');
  const body = JSON.stringify({
    email: 'Bob@Example.com',
    list: ['weekly', 'monthly', 'staff'],
    name: 'Bob',
  });
  const { status, text, headers } = await news.post('/subscribe', body, json);
  expect(status).toBe(202);
  expect(JSON.parse(text)).toEqual({ message: expect.stringContaining('a mail is on its way') });
  expect(headers.get('access-control-allow-origin')).toBe('*');
  await news.post(await linkTo('Bob@example.com'), button);
  expect((await news.ledger.subscriptionsOf('bob@example.com')).map(({ list }) => list)).toEqual([
    'monthly',
    'weekly',
  ]);
  expect((await news.ledger.consentsOf('bob@example.com'))[0]).toMatchObject({
    how: 'json',
    source: 'https://blog.example',
  });

  const wrong = await news.post('/subscribe', JSON.stringify({ email: 'nobody', name: 'x\r\nBcc: y' }), json);
  expect(wrong.status).toBe(422);
  expect(Object.keys(JSON.parse(wrong.text).faults)).toEqual(['name', 'email', 'list']);
  for (const broken of ['{', '[]', 'null', '"x"', '{"email":{}}'])
    expect((await news.post('/subscribe', broken, json)).status, broken).toBeGreaterThanOrEqual(400);
});

test('nobody learns who is a reader: whoever is asked for, the same is answered and written', async () => {
  const { post, ledger, campaign } = await openWeb();
  await campaign([reader('mailed'), reader('left')]);
  const place = { list: 'weekly', address: 'on@example.com', fields: {}, since: 1 };
  await ledger.subscribe([{ ...place, key: 'on@example.com' }], {
    act: 'given',
    how: 'import',
    source: '',
    wording: '',
  });
  for (const [name, reason] of [
    ['left', 'unsubscribed'],
    ['bounced', 'bounced'],
    ['complained', 'complained'],
    ['manual', 'manual'],
  ] as const)
    await ledger.suppress({ key: `${name}@example.com`, list: null, reason, at: '' });
  const answers: Answer[] = [];
  for (const name of ['nobody', 'mailed', 'on', 'left', 'bounced', 'complained', 'manual', 'nobody'])
    answers.push(await post('/subscribe', { ...ASK, email: `${name}@example.com` }));
  const plain = ({ status, text, headers }: Answer) => ({ status, text, headers: [...headers] });
  for (const answer of answers) expect(plain(answer)).toEqual(plain(answers[0]!));
  // Of all but the last, who was written to a moment ago, a row was written. Whose mail is not sent is told later.
  for (let id = 1; id <= 7; id += 1) expect(await ledger.confirmation(id)).not.toBeNull();
  expect(await ledger.confirmation(8)).toBeNull();
  expect((await ledger.takeMailDue(Date.now(), 10, 1000)).map(({ key }) => key)).toEqual(
    ['nobody', 'mailed', 'on', 'left', 'bounced'].map((name) => `${name}@example.com`),
  );
});

test('what a program fills in that people do not see subscribes nobody, and it is not told', async () => {
  const { post, ledger } = await openWeb();
  const answer = await post('/subscribe', { ...ASK, website: 'https://spam.example' });
  expect(answer.text).toContain('Look into your mailbox');
  expect(await ledger.confirmation(1)).toBeNull();
});

test('what is wrong is said beside what was typed, escaped', async () => {
  const evil = `"><script>alert(1)</script>`;
  const { status, text } = await news.post('/subscribe', {
    email: `${evil}@x`,
    name: evil,
    city: 'x'.repeat(201),
  });
  expect(status).toBe(422);
  expect(text).toContain('This is not a complete email address.');
  expect(text).toContain('Choose at least one.');
  expect(text).toContain('This is too long');
  expect(text).toContain('&quot;&gt;&lt;script&gt;');
  expect(text).not.toContain('<script');
});

test.each([
  'a@b', 'a b@example.com', 'a@example.com\r\nBcc: all@example.com', 'a@example.com, b@example.com', '<a@example.com>',
  'a@example.com\0', `${'a'.repeat(65)}@example.com`, `a@${'b.'.repeat(125)}example.com`, 'a@-example.com', '', '@',
  `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(20)}.example`, 'a@127.0.0.1', 'a@[::1]',
])('%j is no address', async (email) => {
  const { post, ledger } = await openWeb();
  const { status } = await post('/subscribe', { ...ASK, email });
  // A mailbox with angle brackets alone is one, written out.
  if (email === '<a@example.com>') return expect(status).toBe(200);
  expect(status).toBe(422);
  expect(await ledger.confirmation(1)).toBeNull();
}); // biome-ignore format: a list

test('a flood from one network is stopped, whatever address it gives, and others are not', async () => {
  const { post, ledger } = await openWeb({}, { environment: { TRUSTED_PROXIES: '10.0.0.0/8' } });
  const from = (client: string, number: number) =>
    post(
      '/subscribe',
      { ...ASK, email: `r${number}@example.com` },
      { 'x-forwarded-for': `1.1.1.1, ${client}, 10.1.2.3` },
    );
  const statuses: number[] = [];
  for (let number = 0; number < 70; number += 1)
    statuses.push((await from(`203.0.113.${number}`, number)).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(60);
  const refused = await from('203.0.113.9', 99);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.text).toContain('Please wait a while');
  expect((await from('203.0.114.9', 100)).status).toBe(200);
  expect((await from('2001:db8:1::5', 101)).status).toBe(200);
  expect(await ledger.confirmation(62)).not.toBeNull();
  expect(await ledger.confirmation(63)).toBeNull();
});

test('one mailbox gets one mail in ten minutes, from wherever it is asked for', async () => {
  for (let number = 0; number < 20; number += 1)
    expect((await news.post('/subscribe', { ...ASK, email: 'victim@example.com' })).status).toBe(200);
  await linkTo('victim@example.com');
  await news.post('/subscribe', { ...ASK, email: 'after@example.com' });
  await linkTo('after@example.com');
  expect(news.smtp.received.filter(({ to }) => to.includes('victim@example.com'))).toHaveLength(1);
});

test('a link that is too old, cut, changed or another reader’s confirms nothing', async () => {
  await news.post('/subscribe', { ...ASK, email: 'dora@example.com' });
  const path = await linkTo('dora@example.com');
  for (const dead of [path.slice(0, -1), `${path}x`, path.replace('/c/', '/u/'), path.replace('/c/', '/p/')])
    expect((await news.post(dead, { ...button, 'List-Unsubscribe': 'One-Click' })).status, dead).toBe(404);
  const now = news.ports.now;
  news.ports.now = () => now() + 8 * 86_400_000;
  const late = [await news.get(path), await news.post(path, button)];
  news.ports.now = now;
  for (const { status, text } of late) {
    expect(status).toBe(410);
    expect(text).toContain('works for 7 days');
  }
  expect(await news.ledger.subscriptionsOf('dora@example.com')).toEqual([]);
});

test('a mail server that does not answer now gets the mail later; who asked was answered before', async () => {
  news.smtp.play({ rcpt: '451 4.3.0 later' });
  expect((await news.post('/subscribe', { ...ASK, email: 'late@example.com' })).status).toBe(200);
  await expect.poll(() => news.smtp.commands.some((line) => line.includes('late@example.com'))).toBe(true);
  news.smtp.play({});
  // The mailer has given it back, due in a minute.
  await expect
    .poll(async () => (await news.ledger.takeMailDue(Date.now() + 61_000, 10, 0)).map(({ key }) => key))
    .toContain('late@example.com');
});

test('without a list that is open there is nothing to subscribe to', async () => {
  const { get, post, ledger } = await openWeb({ lists: { weekly: { title: 'W' } } });
  expect((await get('/subscribe')).status).toBe(404);
  expect((await post('/subscribe', ASK)).status).toBe(404);
  expect(await ledger.confirmation(1)).toBeNull();
});

test('asked for earlier and again today, both links are good for what they were about', async () => {
  const { ledger, post } = await openWeb();
  const asked = {
    purpose: 'subscribe',
    key: 'e@example.com',
    address: 'e@example.com',
    movedFrom: null,
    fields: {},
    how: 'form',
    source: '',
    wording: '',
    expiresAt: Date.now() + 1e6,
  } as const;
  await ledger.ask({ ...asked, lists: ['weekly'], askedAt: EARLIER });
  expect((await post('/subscribe', { ...ASK, email: 'e@example.com', list: 'monthly' })).status).toBe(200);
  expect((await ledger.confirmation(2))!.lists).toEqual(['monthly']);
});

test('with a logo in the project, pages and the mail show it; nothing is fetched for it', async () => {
  const branded = await openWebWithMail({ brand: { logo: 'templates/picture.png' } });
  const { text, headers } = await branded.get('/subscribe');
  expect(text).toMatch(/<img src="data:image\/png;base64,[^"]+" alt="The Broadside" width="160">/);
  expect(headers.get('content-security-policy')).toContain('; img-src data:');
  await branded.post('/subscribe', { ...ASK });
  await expect.poll(() => branded.smtp.received.length).toBe(1);
  expect(branded.smtp.received[0]!.content).toContain('multipart/related');
});

test('the form of the README, posted as it stands, subscribes', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, form = ''] = /```html\n(<form[\s\S]*?<\/form>)/.exec(readme)!;
  expect(form).toContain('action="https://letters.example.com/subscribe"');
  const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => ({
    name: /name="([^"]*)"/.exec(tag)![1]!,
    value: /value="([^"]*)"/.exec(tag)?.[1] ?? '',
  }));
  const { post, ledger } = await openWeb();
  const body = Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
  expect((await post('/subscribe', { ...body, email: 'a@example.com' })).status).toBe(200);
  expect(await ledger.confirmation(1)).toMatchObject({ lists: ['weekly'], source: 'footer of example.com' });
});
