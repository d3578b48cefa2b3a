/** A fault of the machine, told to a person. */
export interface SystemFault {
  readonly message: string;
  readonly hint: string;
  /** It may pass by itself; else something must be changed first. */
  readonly passes: boolean;
}

const WORDS: Readonly<Record<string, readonly [what: string, hint: string, passes?: 'passes']>> = {
  EACCES: ['permission denied', 'Check who owns it and who may write there.'],
  EPERM: ['not permitted', 'Check who owns it and who may write there.'],
  EROFS: ['the disk can only be read', 'Run this where the folder can be written.'],
  ENOENT: ['it is not there', 'Check the path.'],
  ENOTDIR: ['a file stands where a folder should be', 'Move the file away.'],
  EISDIR: ['a folder stands where a file should be', 'Move the folder away.'],
  EEXIST: ['something else stands in its place', 'Move it away.'],
  ENOSPC: ['the disk is full', 'Make room and run this again.', 'passes'],
  EDQUOT: ['the disk quota is used up', 'Make room and run this again.', 'passes'],
  EMFILE: ['too many files are open', 'Raise the limit with ulimit -n and run this again.', 'passes'],
  EIO: ['the disk does not answer', 'Look at the disk, then run this again.', 'passes'],
  EADDRINUSE: ['the port is in use', 'Choose another with --port.'],
};

/** Says what an error of the operating system means and what to do about it. Null: it is none, so it is a bug. */
export function systemFault(error: unknown): SystemFault | null {
  if (!(error instanceof Error)) return null;
  const { code, path, syscall, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (typeof code !== 'string' || typeof syscall !== 'string') return null;
  const [what, hint, passes] = WORDS[code] ?? [
    error.message,
    'Run this again; if it stays so, look at the machine.',
  ];
  return { message: `${dest ?? path ?? syscall}: ${what} (${code}).`, hint, passes: passes !== undefined };
}
