import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../support/postgres.ts';
import { measureNode, measureProgram, type Usage } from './delivery/measure.ts';
import { MAIN, type NewsletterFolder, newsletterFolder } from './delivery/newsletter-folder.ts';
import { isInstalled, type Sink, startOwnSink, startSmtpSink } from './delivery/start-sink.ts';

/** One of those that run by turns: sends `count` messages to a port. */
interface Runner {
  readonly name: string;
  readonly count: number;
  run(port: number): Promise<Usage>;
}

interface Result {
  /** Messages a second from the start of the program to its end. */
  readonly rate: number;
  /** Messages a second between the first and the last that came, where the sink tells. */
  readonly onTheWire: number;
  /** Seconds of CPU for 1,000 messages. */
  readonly cpu: number;
  readonly memory: number;
  /** The share of the time in which the sink had nothing to do: it must not be what limits. */
  readonly idle: number;
}

const USUAL = fileURLToPath(new URL('delivery/usual-loop.ts', import.meta.url));
const SECRET = 'a-secret-of-thirty-two-characters';

/**
 * Delivery as a user has it, by its own command with list, plan, ledger and links, beside the usual loop; every program
 * and the sink in a process of its own, by turns, medians of the rounds. `quick`: one round of few messages. `database`:
 * where the ledger is; null: in a file.
 */
export async function benchDelivery(quick: boolean, database: string | null): Promise<void> {
  const folder = newsletterFolder();
  try {
    const parts = await partsOf(folder);
    const usual = (key: boolean, count: number): Runner => ({
      name: key ? '(a) the usual loop, signed' : '(c) the usual loop, unsigned',
      count,
      run: (port) =>
        measureNode([
          USUAL,
          `smtp://127.0.0.1:${port}`,
          String(count),
          parts.file,
          ...(key ? [folder.keyFile] : []),
        ]),
    });
    const ours = (key: boolean, count: number): Runner => ({
      name: key ? '(b) Broadsheet, signed' : '(c) Broadsheet, unsigned',
      count,
      run: (port) => send(folder, port, count, key, database),
    });
    const source = (count: number): Runner => ({
      name: '(d) smtp-source, unsigned',
      count,
      run: (port) =>
        measureProgram('smtp-source', [
          ...['-d', '-s', '10', '-m', String(count), '-l', String(parts.octets)],
          ...['-f', 'news@example.com', '-t', 'reader@example.com', `127.0.0.1:${port}`],
        ]),
    });
    // To start takes as long as a thousand messages: so many are sent that it counts for little with either.
    const [few, many] = quick ? [400, 5000] : [2000, 40_000];
    const rounds = quick ? 1 : 3;
    const postfix = isInstalled('smtp-sink') && isInstalled('smtp-source');
    const sink = postfix ? await startSmtpSink() : await startOwnSink();
    console.log(
      `\nDelivery of messages of ${(parts.octets / 1000).toFixed(0)} KB over 10 connections to ${sink.name}, ledger in ${database ? 'PostgreSQL' : 'SQLite'}; medians of ${rounds}, by turns`,
    );
    const runners = [usual(true, few), ours(true, many), usual(false, few), ours(false, many)];
    const results = await byTurns([...runners, ...(postfix ? [source(many)] : [])], sink, rounds);
    sink.close();
    const [a, b, , c, d] = results as [Result, Result, Result, Result, Result?];
    say('(b) to (a), signed', b.rate / a.rate, '7');
    say('CPU a message, (a) to (b)', a.cpu / b.cpu, '6');
    if (d) say('(c) to (d), unsigned', c.rate / d.rate, '0.7');
    else console.log('Postfix is not installed (smtp-source): nothing to hold the unsigned ones against.');

    const [slowFew, slowMany] = quick ? [200, 600] : [600, 6000];
    const far = await startOwnSink(50);
    console.log('\nThe same with replies that are 50 ms away; rates from the first message to the last');
    const [pool, delayed] = await byTurns([usual(true, slowFew), ours(true, slowMany)], far, rounds);
    say(
      "Broadsheet to nodemailer's pool",
      delayed!.onTheWire / pool!.onTheWire,
      '2: one journey against two',
    );
    if (database !== null) {
      const two: Runner = {
        name: '(b) twice, one campaign',
        count: 2 * slowMany,
        async run(port) {
          folder.list(2 * slowMany);
          const [one] = await Promise.all(
            [0, 1].map((at) => send(folder, port, at === 0 ? 2 * slowMany : null, true, database)),
          );
          return one!;
        },
      };
      const [alone, both] = await byTurns([ours(true, slowMany), two], far, rounds);
      say('two processes to one', both!.onTheWire / alone!.onTheWire, '1.6');
    }
    far.close();
  } finally {
    folder.remove();
  }
}

/** With a server of its own, and one that is stopped afterwards. */
export async function benchPostgres(quick: boolean): Promise<void> {
  const postgres = await startPostgres();
  try {
    await benchDelivery(quick, await postgres.database());
  } finally {
    await postgres.stop();
  }
}

/** `count` null: goes on with what another has begun. */
async function send(
  folder: NewsletterFolder,
  port: number,
  count: number | null,
  signed: boolean,
  database: string | null,
): Promise<Usage> {
  const command = (...args: string[]) =>
    measureNode([MAIN, 'send', folder.issue, ...args], {
      cwd: folder.root,
      env: {
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        LINK_SECRET: SECRET,
        ...(signed && { DKIM_PRIVATE_KEY: folder.key }),
        ...(database !== null && { DATABASE_URL: database }),
      },
    });
  if (count !== null) {
    folder.list(count);
    folder.forget();
    // The usual loop gets HTML that was made before, so this one gets an email that was looked at before, as a user does.
    await command('--dry-run');
  }
  return command('--confirm', folder.issue, '--quiet');
}

/** The same issue as the usual loop has it: Handlebars templates of its HTML and its text. */
async function partsOf(
  folder: NewsletterFolder,
): Promise<{ readonly file: string; readonly octets: number }> {
  await measureNode([MAIN, 'build', folder.issue, '--out', 'dist'], {
    cwd: folder.root,
    env: { LINK_SECRET: SECRET },
  });
  const read = (end: string) => readFileSync(join(folder.root, 'dist', `${folder.issue}.${end}`), 'utf8');
  const template = (text: string) =>
    text.replaceAll('{{', '\\{{').replace('Dear reader', 'Dear {{subscriber.name}}');
  const file = join(folder.root, 'parts.json');
  writeFileSync(file, JSON.stringify({ html: template(read('html')), text: template(read('txt')) }));
  return { file, octets: Buffer.byteLength(read('eml')) };
}

async function byTurns(runners: readonly Runner[], sink: Sink, rounds: number): Promise<Result[]> {
  const all = runners.map((): Result[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [at, runner] of runners.entries()) all[at]!.push(await once(runner, sink));
  return runners.map(({ name }, at) => {
    const middle = (of: (result: Result) => number) => median(all[at]!.map(of));
    const result: Result = {
      rate: middle(({ rate }) => rate),
      onTheWire: middle(({ onTheWire }) => onTheWire),
      cpu: middle(({ cpu }) => cpu),
      memory: middle(({ memory }) => memory),
      idle: middle(({ idle }) => idle),
    };
    const wire = Number.isNaN(result.onTheWire) ? '' : `, ${result.onTheWire.toFixed(0)} on the wire`;
    console.log(
      `${name.padEnd(30)}${result.rate.toFixed(0).padStart(6)}/s${wire.padEnd(20)}` +
        `${result.cpu.toFixed(2).padStart(7)} CPU s/1,000${result.memory.toFixed(0).padStart(6)} MB   sink idle ${(result.idle * 100).toFixed(0)} %`,
    );
    return result;
  });
}

async function once({ count, run }: Runner, sink: Sink): Promise<Result> {
  const before = await sink.tell();
  const began = performance.now();
  const { seconds, cpu, memory } = await run(sink.port);
  const elapsed = (performance.now() - began) / 1000;
  const told = await sink.tell();
  if (told.messages !== undefined && told.messages !== count)
    throw new Error(`${told.messages} of ${count} messages came`);
  return {
    rate: count / seconds,
    onTheWire: told.messages === undefined ? Number.NaN : (count / (told.last! - told.first!)) * 1000,
    cpu: (cpu / count) * 1000,
    memory,
    idle: 1 - (told.cpu - before.cpu) / elapsed,
  };
}

function say(what: string, ratio: number, wanted: string): void {
  console.log(`${what}: ${ratio.toFixed(2)} times (wanted: ${wanted})`);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}
