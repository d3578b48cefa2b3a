/** A reader's place on a list, as the ledger keeps it. */
export interface Subscription {
  readonly id: number;
  readonly list: string;
  readonly key: string;
  readonly address: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Ms since 1970. */
  readonly since: number;
}

/** How somebody came to say so. */
export type ConsentHow = 'form' | 'json' | 'preferences' | 'one-click' | 'mail' | 'import' | 'command';

/**
 * One line of the consent record, which is only ever added to. `asked` and `confirmed` are the two steps of a double
 * opt-in, `given` what an import or the author says of consent had elsewhere.
 */
export interface Consent {
  /** Ms since 1970. */
  readonly at: number;
  readonly key: string;
  /** Null: all lists. */
  readonly list: string | null;
  readonly act: 'asked' | 'confirmed' | 'given' | 'moved' | 'left' | 'erased';
  readonly how: ConsentHow;
  /** Which form or which import. */
  readonly source: string;
  /** The words that were agreed to. */
  readonly wording: string;
}

/** What waits for a reader to confirm it by mail: new lists, or that their mail goes to this address from now on. */
export interface Confirmation {
  readonly id: number;
  readonly purpose: 'subscribe' | 'move';
  readonly key: string;
  readonly address: string;
  /** Of a move: the key that the reader has now. */
  readonly movedFrom: string | null;
  /** Of a move empty: all that they get. */
  readonly lists: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly how: ConsentHow;
  readonly source: string;
  readonly wording: string;
  /** Ms since 1970. */
  readonly askedAt: number;
  readonly expiresAt: number;
  /** Null: not yet. */
  readonly usedAt: number | null;
  /** How often its mail was tried. */
  readonly tries: number;
}
