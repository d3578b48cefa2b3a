import type { Newsletter } from '../newsletter.ts';

/** Names of the lists that readers may subscribe to. */
export function openLists({ lists }: Newsletter): string[] {
  return Object.entries(lists)
    .filter(([, { open }]) => open)
    .map(([name]) => name);
}

/** What a list is called where readers see it. */
export function titleOf({ lists }: Newsletter, list: string): string {
  return lists[list]?.title ?? list;
}

/** `A`, `A and B`, `A, B and C`, in the words of the language. */
export function titlesOf(newsletter: Newsletter, lists: readonly string[], lang: string): string {
  return new Intl.ListFormat(lang, { type: 'conjunction' }).format(
    lists.map((list) => titleOf(newsletter, list)),
  );
}
