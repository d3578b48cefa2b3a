import { type CheckName, type Diagnosis, shown, type Verdict } from './diagnosis.ts';

/** What came of knocking at the relay; the transport's `RelayProbe`. */
export interface RelayAnswer {
  readonly failed: { readonly stage: string; readonly words: string } | null;
  readonly tls: { readonly protocol: string; readonly validTo: string } | null;
  readonly capabilities: readonly string[];
  readonly loggedIn: boolean;
}

const MENDS: Readonly<Record<string, string>> = {
  connect: 'Check host and port in SMTP_URL, and that this machine may open the port.',
  greeting: 'Check the port in SMTP_URL: smtps:// is for 465, smtp:// for 587 and 25.',
  starttls: 'Use a server with STARTTLS or smtps://; for one that you trust without, add ?tls=optional.',
  auth: 'Check user and password in SMTP_URL; many providers want a password made for programs.',
};

/** SMTP login, TLS and limits. `largest`: octets that an issue may have at most with us. */
export function checkRelay(
  name: string,
  answer: RelayAnswer,
  options: { readonly local: boolean; readonly now: number; readonly largest: number },
): Diagnosis[] {
  const say = (check: CheckName, verdict: Verdict, says: string, mend = ''): Diagnosis => ({
    check,
    verdict,
    says,
    mend,
    source: { smtp: 'RFC 5321, 4954', tls: 'RFC 3207, 8314', size: 'RFC 1870' }[check as 'smtp'] ?? '',
  });
  const { failed, tls, capabilities, loggedIn } = answer;
  if (failed) {
    const broken = /certificate|self-signed|altnames|tls|ssl/i.test(failed.words) && failed.stage !== 'auth';
    return [
      say(
        broken ? 'tls' : 'smtp',
        'fail',
        `${name} failed at ${failed.stage}: ${shown(failed.words)}.`,
        broken ? MENDS.starttls : (MENDS[failed.stage] ?? 'Read its words; run this again.'),
      ),
    ];
  }
  const diagnoses = [
    say('smtp', 'pass', `${name} answers${loggedIn ? ' and takes our login' : ', without a login'}.`),
  ];
  const end = tls ? Date.parse(tls.validTo) : Number.NaN;
  if (!tls)
    diagnoses.push(
      options.local
        ? say('tls', 'pass', `${name} is this machine: nothing leaves it in plain text.`)
        : say('tls', 'fail', `${name} is spoken to in plain text.`, MENDS.starttls),
    );
  else if (end - options.now < 7 * 86_400_000)
    diagnoses.push(
      say('tls', 'advice', `The certificate of ${name} ends on ${shown(tls.validTo)}.`, 'Have it renewed.'),
    );
  else diagnoses.push(say('tls', 'pass', `${name} speaks ${tls.protocol}.`));
  const size = Number(/^SIZE (\d{1,15})$/im.exec(capabilities.join('\n'))?.[1] ?? 0);
  if (size > 0 && size < options.largest)
    diagnoses.push(
      say(
        'size',
        'advice',
        `${name} takes messages of ${size.toLocaleString('en')} octets at most.`,
        'Host large pictures instead of embedding them.',
      ),
    );
  else
    diagnoses.push(
      say(
        'size',
        'pass',
        size > 0 ? `${name} takes ${size.toLocaleString('en')} octets.` : `${name} names no limit of size.`,
      ),
    );
  return diagnoses;
}
