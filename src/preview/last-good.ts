import type { PreviewPorts, ShownEmail, ShownIssue } from './ports.ts';

/** An issue as it can be shown now: what it is, and the mail, perhaps of before its latest fault. */
export interface Looked {
  readonly now: ShownEmail;
  /** The last render that worked; null: none has yet. */
  readonly good: ShownEmail | null;
}

/** Renders issues once a version, and remembers the last render of each that worked. */
export interface LastGood {
  list(): Promise<readonly ShownIssue[]>;
  /** By slug; also by the slug that it had before its front matter broke. Null: there is no such issue. */
  look(slug: string): Promise<Looked | null>;
  /** What is known of an issue's findings without rendering it now; null: nothing yet. */
  known(path: string): ShownEmail | null;
  /** Forgets the renders that a save of these paths may have changed. */
  changed(paths: readonly string[]): void;
}

/** Opens a memory over the project. */
export function openLastGood({ issues, render }: Pick<PreviewPorts, 'issues' | 'render'>): LastGood {
  const good = new Map<string, ShownEmail>();
  const done = new Map<string, ShownEmail>();
  const pathOf = new Map<string, string>();
  const rendered = new Map<string, Promise<ShownEmail>>();
  let listed: Promise<readonly ShownIssue[]> | null = null;

  const list = () => {
    listed ??= issues();
    return listed;
  };
  return {
    list,
    known: (path) => done.get(path) ?? null,
    async look(slug) {
      const all = await list();
      const found =
        all.find((one) => slugOf(one) === slug) ?? all.find(({ path }) => path === pathOf.get(slug));
      if (!found) return null;
      pathOf.set(slug, found.path);
      const rendering = rendered.get(found.path) ?? render(found);
      rendered.set(found.path, rendering);
      const now = await rendering;
      // A slow render of an older version must not replace a newer one.
      if (rendered.get(found.path) === rendering) {
        done.set(found.path, now);
        if (now.email) good.set(found.path, now);
      }
      return { now, good: now.email ? now : (good.get(found.path) ?? null) };
    },
    changed(paths) {
      listed = null;
      const folders = paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1));
      // A picture beside an issue changes that issue; a template, a list or the configuration may change all.
      const local = paths.length > 0 && paths.every((path) => path.startsWith('issues/'));
      for (const path of [...rendered.keys()]) {
        const beside = folders.some((folder) => folder !== 'issues/' && path.startsWith(folder));
        if (local && !paths.includes(path) && !beside && !paths.some(isPicture)) continue;
        rendered.delete(path);
        done.delete(path);
      }
    },
  };
}

function isPicture(path: string): boolean {
  return !/\.(?:md|markdown)$/i.test(path);
}

/** The name of an issue in URLs: its slug, else its file's name. */
export function slugOf({ issue, path }: ShownIssue): string {
  return (
    issue?.slug ??
    path
      .replace(/(?:\/index)?\.\w+$/, '')
      .split('/')
      .at(-1)!
  );
}
