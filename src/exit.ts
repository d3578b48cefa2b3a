/** Exit codes of every command; 75 and 78 are EX_TEMPFAIL and EX_CONFIG of sysexits.h. A leaf. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  undelivered: 3,
  again: 75,
  configuration: 78,
  interrupted: 130,
} as const;
