import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SERVICES } from '../../src/audience/import/map-columns.ts';
import { type ImportOptions, readImport } from '../../src/audience/import/read-import.ts';
import { bytes } from './bytes.ts';

const read = (text: string | Uint8Array, file = 'export.csv', options: Partial<ImportOptions> = {}) =>
  Array.fromAsync(readImport(file, bytes(text, 64), { service: null, wishes: new Map(), ...options }));

/** What becomes of each row, in a few words; and the service that was recognised. */
async function sorted(text: string, file?: string, options?: Partial<ImportOptions>) {
  const rows = await read(text, file, options);
  const mapping = rows.flatMap((row) => ('mapping' in row ? [row.mapping] : []))[0];
  const standings = rows.flatMap((row) => {
    if (!('standing' in row)) return [];
    const { kind } = row.standing;
    if (kind === 'subscribed') return ['subscribed'];
    if (kind === 'skipped') return [row.standing.why];
    return [`${row.standing.reason}${row.standing.everywhere ? ' everywhere' : ''}`];
  });
  const fields = rows.flatMap((row) => ('subscriber' in row ? [row.subscriber.fields] : []));
  return {
    service: mapping?.service.name,
    standings,
    fields,
    left: mapping?.left.map((at) => mapping.titles[at]),
  };
}

describe('exports are recognised, and who is not to be mailed with them', () => {
  const MAILCHIMP =
    '"Email Address","First Name","Last Name",Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS';

  test('Mailchimp, subscribed', async () => {
    const found = await sorted(
      `${MAILCHIMP}\nada@example.com,Ada,Lovelace,,2,"2024-02-01 09:00:00",192.0.2.1,"2024-02-02 09:00:00",192.0.2.1,51.5,-0.1,0,1,Europe/London,GB,,"2024-03-01 00:00:00",1,a,"Met her\nin May","""VIP"",""Blog"""\n`,
      'subscribed_members_export_1.csv',
    );
    expect(found).toMatchObject({ service: 'mailchimp', standings: ['subscribed'] });
    expect(found.fields[0]).toEqual({
      name: 'Ada Lovelace',
      first_name: 'Ada',
      last_name: 'Lovelace',
      birthday: '',
      joined: '2024-02-02',
      timezone: 'Europe/London',
      country: 'GB',
      region: '',
      notes: 'Met her in May',
      tags: 'VIP, Blog',
    });
    expect(found.left).toEqual(expect.arrayContaining(['OPTIN_IP', 'LATITUDE', 'LEID', 'EUID']));
  });

  test('Mailchimp, the other files', async () => {
    const unsubscribed = `Email Address,First Name,UNSUB_TIME,UNSUB_REASON,LEID\na@example.com,A,2025-01-01 00:00:00,NORMAL,1\nb@example.com,B,2025-01-01 00:00:00,Reported as abuse,2\n`;
    expect((await sorted(unsubscribed)).standings).toEqual(['unsubscribed', 'complained everywhere']);
    const cleaned = 'Email Address,CLEAN_TIME,LEID\nc@example.com,2025-01-01 00:00:00,3\n';
    expect((await sorted(cleaned)).standings).toEqual(['bounced everywhere']);
    // Whose columns do not say it, the name of the file does.
    const plain = 'Email Address,LEID\nd@example.com,4\n';
    expect((await sorted(plain, 'exports/unsubscribed_members_export_9.csv')).standings).toEqual([
      'unsubscribed',
    ]);
    expect((await sorted(plain, 'cleaned_members_export_9.csv')).standings).toEqual(['bounced everywhere']);
    expect((await sorted(plain, 'nonsubscribed_members_export_9.csv')).standings).toEqual([
      'never subscribed',
    ]);
  });

  test('Substack', async () => {
    const found = await sorted(
      'email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\na@example.com,true,,yearly,false,2023-02-14T10:00:00.000Z,\nb@example.com,false,,other,true,2023-02-14T10:00:00.000Z,\n',
      'email_list.broadside.csv',
    );
    expect(found).toMatchObject({ service: 'substack', standings: ['subscribed', 'unsubscribed'] });
    expect(found.fields[0]).toMatchObject({ paid: 'true', plan: 'yearly', joined: '2023-02-14' });
  });

  test('Ghost', async () => {
    const found = await sorted(
      'id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n1,a@example.com,Ann,,true,,,2024-05-01T00:00:00.000Z,,"VIP,Press",Gold\n2,b@example.com,Bob,,false,,,2024-05-01T00:00:00.000Z,,,\n3,c@example.com,Cy,,true,,,2024-05-01T00:00:00.000Z,2024-06-01T00:00:00.000Z,,\n',
    );
    expect(found).toMatchObject({ service: 'ghost', standings: ['subscribed', 'unsubscribed', 'deleted'] });
    expect(found.fields[0]).toMatchObject({
      name: 'Ann',
      labels: 'VIP,Press',
      tiers: 'Gold',
      joined: '2024-05-01',
    });
    expect(found.left).toContain('stripe_customer_id');
  });

  test('Buttondown', async () => {
    const types = [
      'regular',
      'premium',
      'unactivated',
      'unsubscribed',
      'undeliverable',
      'complained',
      'spammy',
      'removed',
      'paused',
      'odd',
    ];
    const found = await sorted(
      `email,notes,metadata,tags,type,creation_date,referrer_url\n${types
        .map(
          (type, n) =>
            `r${n}@example.com,,"{""city"": ""Ulm"", ""n"": 3, ""deep"": {}}","[""a"", ""b""]",${type},2024-01-02T03:04:05Z,https://x.example`,
        )
        .join('\n')}\n`,
    );
    expect(found.service).toBe('buttondown');
    expect(found.standings).toEqual([
      'subscribed',
      'subscribed',
      'never confirmed',
      'unsubscribed',
      'bounced everywhere',
      'complained everywhere',
      'spam, by its own judgement',
      'unsubscribed',
      'subscribed',
      'a status that is not known: "odd"',
    ]);
    expect(found.fields[0]).toEqual({
      notes: '',
      tags: 'a, b',
      plan: 'regular',
      joined: '2024-01-02',
      city: 'Ulm',
      n: '3',
    });
  });

  test('listmonk', async () => {
    const found = await sorted(
      'uuid,email,name,attributes,status,created_at,updated_at\n1,a@example.com,Ann,"{""plan"": ""pro""}",enabled,2024-01-02T03:04:05Z,\n2,b@example.com,Bob,{},blocklisted,,\n3,c@example.com,Cy,not json,disabled,,\n',
    );
    expect(found).toMatchObject({
      service: 'listmonk',
      standings: ['subscribed', 'manual everywhere', 'disabled'],
    });
    expect(found.fields[0]).toEqual({ name: 'Ann', plan: 'pro', joined: '2024-01-02' });
  });

  test('any other CSV', async () => {
    const found = await sorted(
      'E-Mail;Plan;Status\na@example.com;pro;active\nb@example.com;pro;Unsubscribed\nc@example.com;;pending\nd@example.com;;hard bounce\n',
    );
    expect(found).toMatchObject({
      service: 'csv',
      standings: ['subscribed', 'unsubscribed', 'never confirmed', 'bounced everywhere'],
    });
    expect((await sorted('email,subscribed\na@example.com,no\nb@example.com,yes\n')).standings).toEqual([
      'unsubscribed',
      'subscribed',
    ]);
    expect(
      (await sorted('email,unsubscribed_at\na@example.com,2024-01-01\nb@example.com,\n')).standings,
    ).toEqual(['unsubscribed', 'subscribed']);
  });

  test('columns become what somebody wishes', async () => {
    const text = 'Kontakt,Status,Telefon\na@example.com,gold,+49\n';
    expect((await read(text))[0]).toMatchObject({
      finding: { message: 'No column holds addresses.', hint: expect.stringContaining('"Kontakt"') },
    });
    const wishes = new Map([
      ['kontakt', 'email'],
      ['status', 'level'],
      ['telefon', ''],
    ]);
    const found = await sorted(text, 'x.csv', { wishes });
    expect(found).toMatchObject({
      standings: ['subscribed'],
      fields: [{ level: 'gold' }],
      left: ['Telefon'],
    });
    expect((await read(text, 'x.csv', { wishes: new Map([['plan', 'x']]) }))[0]).toMatchObject({
      finding: { message: 'There is no column "plan" to map.', hint: expect.stringContaining('telefon') },
    });
  });
});

test.each<[string, string | Uint8Array, number, RegExp]>([
  ['an empty file', '', 1, /empty/],
  ['a spreadsheet', Buffer.from('PK\x03\x04rest\n'), 1, /ZIP or a spreadsheet/],
  ['UTF-16', Buffer.from('\ufeffemail\na@example.com\n', 'utf16le'), 1, /UTF-16/],
  ['a row of too many fields', 'email\na@example.com,x\n', 2, /2 fields, the header 1/],
  ['Latin-1', Buffer.from('email,name\na@example.com,J\xf6rg\n', 'latin1'), 2, /"name" is not UTF-8/],
  ['no address', 'email\nnobody\n', 2, /"nobody" is no address/],
])('%s says so', async (_what, text, line, says) => {
  const found = (await read(text)).flatMap((row) => ('finding' in row ? [row.finding] : []));
  expect(found).toMatchObject([{ line, message: expect.stringMatching(says) }]);
});

test('one broken quote in 20,000 rows costs one row', async () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `r${n}@example.com,"Reader, ${n}"`);
  lines[9000] = '"never closed@example.com,x';
  const found = await read(`email,name\n${lines.join('\n')}\n`);
  expect(found.filter((row) => 'subscriber' in row)).toHaveLength(19_999);
  expect(found.flatMap((row) => ('finding' in row ? [row.finding.line] : []))).toEqual([9002]);
});

test('whatever a file holds, each line is a row or is told of, and nothing throws', async () => {
  const word = fc.constantFrom(
    'email',
    'status',
    'type',
    'metadata',
    'attributes',
    'a@example.com',
    '"',
    '{"a":1}',
    ',',
    ';',
    '\n',
    '\r\n',
    '=1',
    '__proto__',
    '\0',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(word, fc.string({ maxLength: 8 }))),
      fc.constantFrom(null, ...SERVICES),
      async (parts, service) => {
        for (const row of await read(parts.join(''), 'x.csv', { service }))
          if ('subscriber' in row)
            for (const value of Object.values(row.subscriber.fields)) expect(value).not.toMatch(/\p{Cc}/u);
      },
    ),
    { numRuns: 500 },
  );
});
