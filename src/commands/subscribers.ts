import type { Context } from '../cli.ts';
import addSubscriber from './subscribers/add.ts';
import exportList from './subscribers/export.ts';
import importFiles from './subscribers/import.ts';
import removeSubscriber from './subscribers/remove.ts';
import show from './subscribers/show.ts';
import sync from './subscribers/sync.ts';

export interface SubscribersOptions {
  readonly action: keyof typeof ACTIONS;
  readonly files?: readonly string[];
  readonly address?: string;
  /** A list; for `show` and `export` a segment too. */
  readonly list?: string;
  readonly where?: string;
  /** The service whose export it is, when it is not to be recognised. */
  readonly from?: string;
  readonly map?: readonly string[];
  readonly field?: readonly string[];
  readonly name?: string;
  readonly out?: string;
  readonly all?: boolean;
  readonly forget?: boolean;
  readonly consents?: boolean;
  readonly ledger?: boolean;
  readonly confirm?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const ACTIONS = {
  import: importFiles,
  export: exportList,
  add: addSubscriber,
  remove: removeSubscriber,
  show,
  sync,
};

/** `npm run subscribers -- ACTION`: lists in and out. */
export default function subscribers(context: Context, options: SubscribersOptions): Promise<number> {
  return ACTIONS[options.action](context, options);
}
