import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { readOauth } from '../../src/transport/read-oauth.ts';
import { openSmtp } from '../../src/transport/smtp.ts';
import { messageTo } from './message-to.ts';

/** A mail server that takes XOAUTH2 and nothing else, with the token that is good right now. */
async function mailServer(token: { good: string }) {
  const logins: string[] = [];
  const accepted: string[] = [];
  const server = new SMTPServer({
    authMethods: ['XOAUTH2'],
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth({ method, username, accessToken }, _session, done) {
      logins.push(`${method} ${username} ${accessToken}`);
      if (accessToken === token.good) return done(null, { user: username });
      // What a real one tells of the failure repeats what it was sent.
      done(null, { data: { status: '401', heard: `${accessToken}` } } as never);
    },
    onData(stream, { envelope }, done) {
      stream.resume().on('end', () => {
        accepted.push(...envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { logins, accepted, port: (server.server.address() as AddressInfo).port };
}

/** An OAuth 2 server; gives its address. */
async function tokenServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const CLIENT = {
  SMTP_OAUTH_CLIENT_ID: 'an id',
  SMTP_OAUTH_CLIENT_SECRET: 'cl1ent-s3cret',
  SMTP_OAUTH_REFRESH_TOKEN: 'r3fresh-t0ken',
};

function transport(url: string, env: Record<string, string> = {}, connections = 3) {
  const oauth = readOauth(env);
  if (oauth && 'fault' in oauth) throw new Error(oauth.fault);
  const relay = parseSmtpUrl(url, oauth);
  if ('fault' in relay) throw new Error(relay.fault);
  const smtp = openSmtp(relay, { connections });
  onTestFinished(() => smtp.close());
  return (to: string) => smtp.send(messageTo(to), async () => true);
}

test('a token in place of the password', async () => {
  const server = await mailServer({ good: 'ya29.t0ken' });
  const send = transport(`smtp://news%40example.com:ya29.t0ken@127.0.0.1:${server.port}?auth=xoauth2`);
  expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
  expect(server.logins).toEqual(['XOAUTH2 news@example.com ya29.t0ken']);
  expect(server.accepted).toEqual(['ann@example.com']);
});

test('a token that is refused is a fault of configuration, and nobody sees it', async () => {
  const server = await mailServer({ good: 'another' });
  const send = transport(`smtp://news%40example.com:st4le-t0ken@127.0.0.1:${server.port}?auth=xoauth2`);
  const outcome = await send('ann@example.com');
  expect(outcome).toMatchObject({ kind: 'deferred', cause: 'configuration', stage: 'auth' });
  for (const secret of ['st4le-t0ken', Buffer.from('st4le-t0ken').toString('base64').slice(0, 12)])
    expect(JSON.stringify(outcome)).not.toContain(secret);
  expect(server.accepted).toEqual([]);
});

test('a refresh token gives one access token for all lanes, and a new one when it is refused', async () => {
  const token = { good: 'first' };
  const server = await mailServer(token);
  const asked: string[] = [];
  const tokenUrl = await tokenServer(async (request, response) => {
    asked.push(`${request.method} ${(await Array.fromAsync(request)).join('')}`);
    response.end(JSON.stringify({ access_token: token.good, expires_in: 3600 }));
  });
  const url = `smtp://news%40example.com@127.0.0.1:${server.port}?auth=xoauth2`;
  const send = transport(url, { ...CLIENT, SMTP_OAUTH_TOKEN_URL: tokenUrl });
  const both = await Promise.all(['ann@example.com', 'bob@example.com'].map(send));
  expect(both.map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
  expect(asked).toEqual([
    'POST client_id=an+id&client_secret=cl1ent-s3cret&grant_type=refresh_token&refresh_token=r3fresh-t0ken',
  ]);
  token.good = 'second';
  // Two lanes are open and stay so; a third logs in, with the token of before first.
  const three = await Promise.all(['cy@example.com', 'dee@example.com', 'eve@example.com'].map(send));
  expect(three.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(asked).toHaveLength(2);
  expect(server.logins.slice(2).map((line) => line.split(' ')[2])).toEqual(['first', 'second']);
});

test('a client may ask for itself, as Microsoft wants it', async () => {
  const server = await mailServer({ good: 'app' });
  let asked = '';
  const tokenUrl = await tokenServer(async (request, response) => {
    asked = (await Array.fromAsync(request)).join('');
    response.end(JSON.stringify({ access_token: 'app' }));
  });
  const send = transport(`smtp://news%40example.com@127.0.0.1:${server.port}?auth=xoauth2`, {
    SMTP_OAUTH_TOKEN_URL: tokenUrl,
    SMTP_OAUTH_CLIENT_ID: 'id',
    SMTP_OAUTH_CLIENT_SECRET: 'secret',
    SMTP_OAUTH_SCOPE: 'https://outlook.office365.com/.default',
  });
  expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
  expect(new URLSearchParams(asked).get('grant_type')).toBe('client_credentials');
  expect(new URLSearchParams(asked).get('scope')).toBe('https://outlook.office365.com/.default');
});

test.each<[string, RequestListener, string, string]>([
  [
    'refuses for good',
    (_request, response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({ error: 'invalid_grant', error_description: 'revoked \u001b[2Jr3fresh-t0ken' })),
    'configuration',
    'gives no token: 400 invalid_grant, revoked [2J…',
  ],
  ['is broken', (_request, response) => response.writeHead(503).end('<h1>'), 'relay', '503 without a token'],
  ['says nothing of use', (_request, response) => response.end('{}'), 'relay', '200 without a token'],
  ['hangs up', (request) => request.socket.destroy(), 'relay', 'No token from 127.0.0.1:'],
  [
    'sends us elsewhere',
    (_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    'relay',
    'No token from 127.0.0.1:',
  ],
])(
  'a server of tokens that %s: nobody is rejected, no secret is told',
  async (_what, answer, cause, words) => {
    const server = await mailServer({ good: 'never' });
    const tokenUrl = await tokenServer(answer);
    const url = `smtp://news%40example.com@127.0.0.1:${server.port}?auth=xoauth2`;
    const outcome = await transport(url, { ...CLIENT, SMTP_OAUTH_TOKEN_URL: tokenUrl })('ann@example.com');
    expect(outcome).toMatchObject({ kind: 'deferred', cause, reason: expect.stringContaining(words) });
    expect(JSON.stringify(outcome)).not.toMatch(/r3fresh-t0ken|cl1ent-s3cret/);
    expect(server.accepted).toEqual([]);
  },
);

test.each([
  [{ SMTP_OAUTH_CLIENT_ID: 'x' }, 'SMTP_OAUTH_TOKEN_URL'],
  [{ SMTP_OAUTH_TOKEN_URL: 'http://login.example.com/' }, 'SMTP_OAUTH_TOKEN_URL'],
  [{ SMTP_OAUTH_TOKEN_URL: 'https://login.example.com/' }, 'SMTP_OAUTH_CLIENT_ID'],
  [
    {
      SMTP_OAUTH_TOKEN_URL: 'https://login.example.com/',
      SMTP_OAUTH_CLIENT_ID: 'x',
      SMTP_OAUTH_CLIENT_SECRET: 's3cret',
    },
    'SMTP_OAUTH_REFRESH_TOKEN',
  ],
])('%j: %s is blamed', (env, blamed) => {
  const read = readOauth(env as unknown as Record<string, string>);
  expect(read).toMatchObject({ blame: blamed });
  expect(JSON.stringify(read)).not.toContain('s3cret');
});
