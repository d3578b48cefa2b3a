import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { type Script, startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { expectTold } from './told.ts';

const ERRATUM = '---\ntitle: A correction\nslug: sorry\nerrataFor: hello\n---\nWe were wrong.\n';

async function begun(script: Script = {}) {
  const smtp = await startSmtpServer(script);
  onTestFinished(() => smtp.close());
  const here = temporaryProject({
    'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n',
    'issues/sorry.md': ERRATUM,
    'subscribers/weekly.csv': 'email,name\nada@example.com,Ada\nbob@example.com,Bob\ncy@example.com,Cy\n',
  });
  const run = (line: string) => runCommand(here.root, line, { SMTP_URL: smtp.url });
  return { smtp, here, run };
}

test('an erratum goes to exactly those whose delivery was accepted, whatever the list says today', async () => {
  const { smtp, here, run } = await begun({
    rcpt: (to) => (to.startsWith('bob') ? '550 5.1.1 No' : '250 ok'),
  });
  await run('send hello --confirm hello');
  smtp.play({});
  // Ada is off the list, Dee is new: Ada read what was wrong, Dee did not.
  here.write(
    'subscribers/weekly.csv',
    'email,name\nbob@example.com,Bob\ncy@example.com,Cy\ndee@example.com,Dee\n',
  );
  smtp.received.length = 0;
  expectTold(await run('send sorry --confirm sorry'), 0, [/recipients +2\n/, '2 accepted']);
  expect(smtp.accepted().sort()).toEqual(['ada@example.com', 'cy@example.com']);
  expectTold(await run('send sorry --confirm sorry'), 0, ['Everybody on this list has had this issue.']);
});

test('but not to those who left since', async () => {
  const { smtp, here, run } = await begun();
  await run('send hello --confirm hello');
  const database = new DatabaseSync(`${here.root}/.broadsheet/ledger.sqlite`);
  database
    .prepare(
      "INSERT INTO suppressions (key, list, reason, at) VALUES ('ada@example.com', 'weekly', 'unsubscribed', '2026-01-01')",
    )
    .run();
  database.close();
  smtp.received.length = 0;
  expectTold(await run('send sorry --confirm sorry'), 0, ['1 not: unsubscribed', '2 accepted']);
  expect(smtp.accepted().sort()).toEqual(['bob@example.com', 'cy@example.com']);
});

test('an erratum of what was never sent, or is still under way, is refused', async () => {
  const { smtp, run } = await begun({ mail: '451 4.3.0 Not now' });
  expectTold(await run('send sorry --confirm sorry'), 1, [
    'issues/sorry.md:4:1 "errataFor" names "hello", which was never sent from here.',
  ]);
  await run('send hello --confirm hello');
  expectTold(await run('send sorry --confirm sorry'), 75, ['hello is still being delivered', '--cancel']);
  expect(smtp.accepted()).toEqual([]);
});

test('--to-new is for those who joined since, and refused when nothing was sent', async () => {
  const { smtp, here, run } = await begun();
  expectTold(await run('send hello --to-new --confirm hello'), 2, ['hello was never sent']);
  await run('send hello --confirm hello');
  smtp.received.length = 0;
  here.write('subscribers/weekly.csv', `${here.read('subscribers/weekly.csv')}dee@example.com,Dee\n`);
  expectTold(await run('send hello --to-new --confirm hello'), 0, [/recipients +1, 3 more/, '1 accepted']);
  expect(smtp.accepted()).toEqual(['dee@example.com']);
});
