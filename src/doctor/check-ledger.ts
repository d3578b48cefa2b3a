import { type Diagnosis, shown, type Verdict } from './diagnosis.ts';

/** The ledger's own account of itself. */
export interface LedgerHealth {
  /** `the file`, `PostgreSQL`, `the branch`. */
  readonly place: string;
  /** What is wrong with it; null: it can be read, and the counts of every campaign add up. */
  readonly fault: string | null;
  readonly campaigns: number;
  readonly accepted: number;
  /** Deliveries of which nobody knows whether they arrived. */
  readonly uncertain: number;
  readonly complaints: number;
}

/** Can the ledger be read, do its counts add up, and is there something in it that waits for a person? */
export function checkLedger({ place, fault, campaigns, uncertain }: LedgerHealth): Diagnosis[] {
  const say = (verdict: Verdict, says: string, mend = ''): Diagnosis => ({
    check: 'ledger',
    verdict,
    says,
    mend,
    source: 'README.md',
  });
  if (fault !== null)
    return [
      say('fail', `The ledger (${place}): ${shown(fault)}`, 'Mend or restore it before anything is sent.'),
    ];
  const health = say(
    'pass',
    campaigns === 0
      ? `Nothing was sent from here yet; the ledger is ${place}.`
      : `The ledger (${place}) holds ${campaigns} ${campaigns === 1 ? 'campaign' : 'campaigns'}, and every count adds up.`,
  );
  if (uncertain === 0) return [health];
  return [
    health,
    say(
      'advice',
      `${uncertain} ${uncertain === 1 ? 'delivery is' : 'deliveries are'} uncertain: nobody knows whether they arrived.`,
      'See npm run status, which says how to resolve them.',
    ),
  ];
}
