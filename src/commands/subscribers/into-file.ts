import { join } from 'node:path';
import type { App } from '../../app.ts';
import { editList } from '../../audience/edit-list.ts';
import { type ImportPlan, newsOf } from './plan-import.ts';
import { type Staged, stageFile } from './stage-file.ts';

/** Writes what the list's file would be beside it, and so settles everybody of the plan. Throws UnsafeEdit. */
export async function intoFile(
  app: App,
  list: string,
  plan: ImportPlan,
  columns: readonly string[],
): Promise<{ readonly staged: Staged; readonly isNew: boolean }> {
  const path = `subscribers/${list}.csv`;
  const file = await app.project.list(list);
  const chunks = 'findings' in file ? null : file.chunks();
  const text = editList(path, chunks, {
    columns,
    change({ key, fields }) {
      const given = plan.wanted(key);
      if (given === null) return null;
      const news = newsOf(given, fields);
      plan.settle(key, news ? 'updated' : 'unchanged');
      return news;
    },
    *added() {
      for (const subscriber of plan.all()) {
        yield subscriber;
        plan.settle(subscriber.key, 'new');
      }
    },
  });
  const staged = await stageFile(join(app.config.root, path), app.state(`${list}.csv.${process.pid}`), text);
  return { staged, isNew: chunks === null };
}
