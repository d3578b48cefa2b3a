import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { erasedKey } from '../../src/audience/suppressed-file.ts';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { type OpenWeb, openWeb, openWebWithMail, reader, SECRET } from './open-web.ts';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';
const save = (lists: readonly string[], more: Record<string, string> = {}) =>
  new URLSearchParams([
    ['save', 'yes'],
    ...['weekly', 'monthly', 'staff'].map((list) => ['shown', list]),
    ...lists.map((list) => ['list', list]),
    ...Object.entries(more),
  ]);
const activeLists = async (news: OpenWeb, key: string) =>
  (await news.ledger.memberships(key)).filter(({ active }) => active).map(({ list }) => list);

/** A server, and the link to preferences of a reader who had one mail. */
async function scene(fields: Record<string, string> = {}, config: object = {}) {
  const news = await openWeb(config);
  const { link, id } = await news.campaign([reader('ann', fields), reader('bob')]);
  return { news, path: link('ann@example.com', 'preferences'), link, id };
}

test('the page shows what the reader gets, changes nothing, and names them only to those who know them', async () => {
  const { news, path } = await scene({ name: 'Ann', city: 'Ulm', plan: 'pro' });
  const { status, text } = await news.get(path);
  expect(status).toBe(200);
  expect(text).toContain('For a…@Example.com.');
  expect(text).not.toContain('ann@');
  expect(text).toContain('value="weekly" checked');
  expect(text).toMatch(/value="monthly">/);
  expect(text, 'not open, and never had').not.toContain('Staff');
  expect(text).toContain('value="Ulm"');
  expect(text, 'not theirs to fill in').not.toContain('pro');
  for (const what of ['', '/erase'])
    expect((await news.web.request(`${path}${what}`, { method: 'HEAD' })).status).toBe(200);
  for (const what of ['/move', '/leave', '/data'])
    expect((await news.get(`${path}${what}`)).status).toBe(404);
  expect(await news.suppressed()).toEqual({});
});

test('leaving a list is done at once, also in the campaign under way, and recorded', async () => {
  const { news, path, id } = await scene();
  expect((await news.post(path, save([]))).text).toContain('Saved');
  expect(await news.suppressed()).toEqual({ 'ann@example.com': 'unsubscribed' });
  expect(await news.suppressed('monthly')).toEqual({});
  expect(await news.ledger.counts(id)).toMatchObject({ queued: 1, suppressed: 1 });
  expect(await news.ledger.consentsOf('ann@example.com')).toMatchObject([{ act: 'left', list: 'weekly' }]);
});

test('a list that the page did not show is not left', async () => {
  const { news, path } = await scene();
  await news.post(path, new URLSearchParams({ save: 'yes', shown: 'monthly' }));
  await news.post(path, new URLSearchParams({ save: 'no', shown: 'weekly' }));
  await news.post(path, '');
  expect(await news.suppressed()).toEqual({});
});

test('name and fields are changed; the rest of what is known stays', async () => {
  const { news, path } = await scene({ name: 'Ann', plan: 'pro' });
  await news.post(path, save(['weekly'], { name: ' Anne ', city: 'Ulm', plan: 'free' }));
  expect(await news.ledger.subscriptionsOf('ann@example.com')).toMatchObject([
    { list: 'weekly', fields: { name: 'Anne', city: 'Ulm', plan: 'pro' } },
  ]);
  for (const wrong of ['x\r\nBcc: all@example.com', 'x'.repeat(201), 'a\0b']) {
    const { status, text } = await news.post(path, save(['weekly'], { name: wrong }));
    expect(status).toBe(422);
    expect(text).toContain('This is too long or holds characters that cannot be used.');
  }
  expect((await news.ledger.subscriptionsOf('ann@example.com'))[0]!.fields.name).toBe('Anne');
});

test('stored HTML in names and fields stays text on every page', async () => {
  const { news, path, link } = await scene(
    { name: HOSTILE, city: HOSTILE },
    {
      name: HOSTILE,
      lists: { weekly: { title: HOSTILE, open: true }, monthly: { title: HOSTILE, open: true } },
      profile: { city: HOSTILE },
    },
  );
  const asked = {
    purpose: 'subscribe',
    key: 'c@example.com',
    address: 'c@example.com',
    movedFrom: null,
    lists: ['weekly'],
    fields: { name: HOSTILE },
    how: 'form',
    source: HOSTILE,
    wording: HOSTILE,
    askedAt: Date.now(),
    expiresAt: Date.now() + 1e6,
  } as const;
  await news.ledger.ask(asked);
  const pages = [
    await news.get(path),
    await news.get(`${path}/erase`),
    await news.get(link('ann@example.com')),
    await news.get('/subscribe'),
    await news.get(`/subscribe?list=${encodeURIComponent(HOSTILE)}`),
    await news.get(`/${encodeURIComponent(HOSTILE)}`),
    await news.post('/subscribe', { email: HOSTILE, name: HOSTILE, city: HOSTILE, list: HOSTILE }),
    await news.post(path, save(['weekly'], { name: HOSTILE, city: HOSTILE })),
    await news.post(`${path}/move`, { email: HOSTILE }),
    await news.post(link('ann@example.com'), { 'List-Unsubscribe': 'One-Click' }),
  ];
  for (const { text } of pages) {
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toMatch(/<script|<img/);
  }
});

test('a list that is chosen anew is confirmed by mail first; of a list that is not open there is no talk', async () => {
  const news = await openWebWithMail();
  const path = (await news.campaign([reader('ann')])).link('ann@example.com', 'preferences');
  const { text } = await news.post(path, save(['weekly', 'monthly', 'staff']));
  expect(text).toContain('We have sent you a mail with a link to confirm what is new.');
  expect(await activeLists(news, 'ann@example.com')).toEqual(['weekly']);
  await expect.poll(() => news.smtp.received.length).toBe(1);
  expect(news.smtp.received[0]!.to).toEqual(['ann@Example.com']);
  const confirm = /(\/c\/[a-z2-7]+)/.exec(news.smtp.received[0]!.content.replace(/=\r\n/g, ''))![1]!;
  await news.post(confirm, { confirm: 'yes' });
  expect(await activeLists(news, 'ann@example.com')).toEqual(['monthly', 'weekly']);
  expect(await news.suppressed('staff')).toEqual({});
});

test('coming back needs a confirmation, and then the suppression is gone', async () => {
  const { news, path, link } = await scene();
  await news.post(link('ann@example.com'), { 'List-Unsubscribe': 'One-Click' });
  await news.post(path, save(['weekly']));
  expect(await news.suppressed()).toEqual({ 'ann@example.com': 'unsubscribed' });
  const waiting = (await news.ledger.confirmation(1))!;
  await news.ledger.confirm(waiting, {
    fields: {},
    wording: '',
    others: [],
    erasedKeys: [],
    now: Date.now(),
  });
  expect(await news.suppressed()).toEqual({});
});

test('a new address is confirmed at the new address; then all goes there and nothing to the old', async () => {
  const news = await openWebWithMail();
  const path = (await news.campaign([reader('ann', { name: 'Ann' })])).link('ann@example.com', 'preferences');
  expect((await news.post(`${path}/move`, { email: 'nonsense' })).status).toBe(422);
  expect((await news.post(`${path}/move`, { email: 'ann@new.example' })).text).toContain(
    'all stays as it is',
  );
  expect(await activeLists(news, 'ann@example.com')).toEqual(['weekly']);
  await expect.poll(() => news.smtp.received.length).toBe(1);
  const { to, content } = news.smtp.received[0]!;
  expect(to).toEqual(['ann@new.example']);
  expect(content).toContain('Subject: Please confirm your new address');
  const confirm = /(\/c\/[a-z2-7]+)/.exec(content.replace(/=\r\n/g, ''))![1]!;
  expect((await news.get(confirm)).text).toContain('Shall your mail be sent to ann@new.example from now on?');
  expect((await news.post(confirm, { confirm: 'yes' })).text).toContain('The address is changed');
  expect(await activeLists(news, 'ann@new.example')).toEqual(['weekly']);
  expect((await news.ledger.subscriptionsOf('ann@new.example'))[0]!.fields).toEqual({ name: 'Ann' });
  expect(await activeLists(news, 'ann@example.com')).toEqual([]);
  expect((await news.post(confirm, { confirm: 'yes' })).status).toBe(410);
});

test('leaving all is for all lists', async () => {
  const { news, path } = await scene();
  expect((await news.post(`${path}/leave`, {})).text).toContain(
    'You will get no more mail from The Broadside.',
  );
  expect(await news.suppressed('any')).toEqual({ 'ann@example.com': 'left' });
});

test('a reader downloads what is kept about them, and nothing of others', async () => {
  const { news, path } = await scene({ name: 'Ann' });
  const { text, headers } = await news.post(`${path}/data`, {});
  expect(headers.get('content-disposition')).toContain('attachment');
  expect(JSON.parse(text)).toMatchObject({ deliveries: [{ list: 'weekly', address: 'ann@Example.com' }] });
  expect(JSON.parse(text).deliveries[0].fields).toEqual({ name: 'Ann' });
  expect(text).not.toContain('bob');
});

test('a reader deletes their data: old links say so, and no list brings them back', async () => {
  const { news, path, link } = await scene({ name: 'Ann' });
  const { root } = news;
  expect((await news.post(`${path}/erase`, {})).status).toBe(400);
  expect((await news.post(`${path}/erase`, { erase: 'yes' })).text).toContain('Your data is deleted');
  for (const answer of [
    await news.get(path),
    await news.post(path, save([])),
    await news.post(`${path}/data`, {}),
    await news.get(link('ann@example.com')),
    await news.post(link('ann@example.com'), { 'List-Unsubscribe': 'One-Click' }),
  ]) {
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('your data was deleted');
  }
  expect(await news.suppressed()).toEqual({ [erasedKey(SECRET, 'ann@example.com')]: 'left' });

  // The file of the list still names them.
  writeFileSync(`${root}/subscribers/weekly.csv`, 'email\nann@example.com\nbob@example.com\n');
  writeFileSync(`${root}/issues-hello.md`, '---\ntitle: Hello\n---\nWords.\n');
  const smtp = await startSmtpServer();
  const sent = await runCommand(root, 'send issues-hello.md --list weekly --confirm issues-hello', {
    SMTP_URL: smtp.url,
    LINK_SECRET: SECRET,
  });
  await smtp.close();
  expect(smtp.accepted(), sent.stderr).toEqual(['bob@example.com']);
  expect(JSON.stringify(await news.ledger.suppressionsOf('ann@example.com'))).toBe('[]');
});

test('what is asked of one reader too often waits', async () => {
  const { news, path } = await scene();
  const statuses: number[] = [];
  for (let time = 0; time < 35; time += 1) statuses.push((await news.post(path, save(['weekly']))).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(30);
  expect(statuses.at(-1)).toBe(429);
});

test('the link of another action or reader opens no preferences', async () => {
  const { news, path, link } = await scene();
  for (const dead of [path.slice(0, -1), link('ann@example.com').replace('/u/', '/p/'), '/p/x'])
    for (const what of ['', '/move', '/leave', '/data', '/erase'])
      expect(
        (await news.post(`${dead}${what}`, { save: 'yes', erase: 'yes', email: 'e@example.com' })).status,
      ).toBe(404);
  expect(await news.suppressed()).toEqual({});
});

test('when the ledger fails the reader is told to try again, and that nothing was changed', async () => {
  const { news, path, link } = await scene();
  await news.ledger.close().catch(() => {});
  for (const answer of [
    await news.post(link('ann@example.com'), { 'List-Unsubscribe': 'One-Click' }),
    await news.post(path, save([])),
    await news.post('/subscribe', { email: 'x@example.com', list: 'weekly' }),
  ]) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(answer.text).toContain('Nothing was changed. Please try again');
    expect(answer.text).not.toMatch(/sqlite|at .*\.ts/i);
  }
  expect((await news.get('/healthz')).status).toBe(200);
  expect((await news.get('/readyz')).status).toBe(503);
});
