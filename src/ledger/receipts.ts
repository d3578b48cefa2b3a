import type { Receipt } from '../campaign/receipt.ts';
import type { Database, Row } from './database.ts';

/** Who has seen what, and when. */
export interface Receipts {
  leaveReceipt(receipt: Receipt): Promise<void>;
  /** Receipts of an issue, oldest first. */
  receipts(slug: string): Promise<Receipt[]>;
}

export function receipts({ read, write }: Database): Receipts {
  return {
    leaveReceipt: ({ slug, digest, parts, how, who, commit, at }) =>
      write(
        async (tx) =>
          void (await tx.run(
            'INSERT INTO receipts (slug, digest, parts, how, who, git_commit, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
            slug,
            digest,
            JSON.stringify(parts),
            how,
            who,
            commit,
            at,
          )),
      ),
    receipts: async (slug) =>
      (await read('SELECT * FROM receipts WHERE slug = ? ORDER BY id', slug)).map(toReceipt),
  };
}

function toReceipt({ slug, digest, parts, how, who, git_commit, at }: Row): Receipt {
  return {
    slug,
    digest,
    parts: JSON.parse(String(parts)),
    how,
    who,
    commit: git_commit,
    at,
  } as unknown as Receipt;
}
