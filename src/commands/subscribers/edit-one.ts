import { join } from 'node:path';
import { editList, type ListEdit, UnsafeEdit } from '../../audience/edit-list.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { stageFile } from './stage-file.ts';

/** Edits a list's file, which is written as a whole or, when nothing changes, not at all. Gives an exit code; faults are told. */
export async function editOne({ app, terminal }: Context, list: string, edit: ListEdit): Promise<number> {
  const path = `subscribers/${list}.csv`;
  const file = await app.project.list(list);
  const chunks = 'findings' in file ? null : file.chunks();
  let changes = 0;
  const counted: ListEdit = {
    columns: edit.columns,
    change(subscriber) {
      const change = edit.change(subscriber);
      if (change !== null) changes += 1;
      return change;
    },
    *added() {
      for (const subscriber of edit.added()) {
        changes += 1;
        yield subscriber;
      }
    },
  };
  try {
    const staged = await stageFile(
      join(app.config.root, path),
      app.state(`${list}.csv.${process.pid}`),
      editList(path, chunks, counted),
    );
    if (changes === 0) await staged.discard();
    else if (!(await staged.commit())) {
      terminal.complain(`${path} was changed while this was read: it was left as it is.`, 'Run this again.');
      return EXIT.again;
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof UnsafeEdit)) throw error;
    terminal.complain(error.message, 'Nothing was written.');
    return EXIT.findings;
  }
}
