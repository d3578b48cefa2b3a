import { targetOf } from '../../audience/target.ts';
import type { Context } from '../../cli.ts';

/** The list that is named, or the newsletter's; null, and it is told, when it cannot be one. */
export function listNamed({ app, terminal }: Context, name: string | undefined): string | null {
  const { newsletter } = app.config;
  const list = name ?? newsletter.list;
  const fault = Object.hasOwn(newsletter.segments, list)
    ? `"${list}" is a segment, a part of the list "${targetOf(newsletter, list).list}".`
    : /^[\w-]+$/.test(list) && list !== 'suppressed'
      ? null
      : `"${list}" cannot be the name of a list.`;
  if (fault === null) return list;
  terminal.complain(fault, 'Name a list: --list weekly');
  return null;
}
