import { connect } from 'node:net';

/** What SpamAssassin says of a message. */
export interface SpamReport {
  readonly score: number;
  readonly threshold: number;
  readonly rules: readonly { readonly points: number; readonly name: string; readonly about: string }[];
}

/** An answer is a few KB; more than this is no spamd. */
const LIMIT = 200_000;

/**
 * Asks a `spamd` for its report (SPAMC protocol 1.5, REPORT). Gives the report, or what went wrong in words. `timeout` in
 * milliseconds, for the whole exchange: network tests can take it some seconds.
 */
export function askSpamd(
  { host, port }: { readonly host: string; readonly port: number },
  message: Uint8Array,
  timeout = 30_000,
): Promise<SpamReport | { readonly fault: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: SpamReport | { readonly fault: string }) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => end({ fault: `spamd at ${host}:${port} did not answer in ${timeout / 1000} s` }),
      timeout,
    );
    socket.on('error', (error) =>
      end({ fault: `spamd at ${host}:${port} cannot be asked: ${error.message}` }),
    );
    socket.on('connect', () => {
      socket.write(`REPORT SPAMC/1.5\r\nContent-length: ${message.length}\r\n\r\n`);
      socket.end(message);
    });
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LIMIT) end({ fault: `what listens at ${host}:${port} is no spamd` });
      else chunks.push(chunk);
    });
    socket.on('end', () => end(parseReport(Buffer.concat(chunks).toString('utf8'), `${host}:${port}`)));
  });
}

function parseReport(answer: string, place: string): SpamReport | { readonly fault: string } {
  const status = /^SPAMD\/[\d.]+ (\d+) ([^\r\n]{0,100})/.exec(answer);
  const spam = /^Spam: (?:True|False|Yes|No) ; (-?[\d.]+) \/ (-?[\d.]+)/im.exec(answer);
  if (!status) return { fault: `what listens at ${place} is no spamd` };
  if (status[1] !== '0' || !spam) return { fault: `spamd at ${place} says ${status[1]} ${status[2]}` };
  const rules = [
    ...answer.matchAll(/^\s*(-?\d+\.\d+)\s+([A-Z][A-Z0-9_]+)\s+(.*(?:\r?\n\s{20,}\S.*)*)$/gm),
  ].map(([, points, name, about]) => ({
    points: Number(points),
    name: name!,
    about: about!.replace(/\s+/g, ' ').trim(),
  }));
  return { score: Number(spam[1]), threshold: Number(spam[2]), rules };
}
