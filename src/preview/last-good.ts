import type { PreviewPorts, ShownEmail, ShownIssue } from './ports.ts';

/** An issue as it can be shown now: what it is, and the mail, perhaps of before its latest fault. */
export interface Looked {
  readonly now: ShownEmail;
  /** The last render that worked; null: none has yet. */
  readonly good: ShownEmail | null;
}

/** Renders issues, once a version of the project, and remembers the last render of each that worked. */
export interface LastGood {
  list(): Promise<readonly ShownIssue[]>;
  /** By slug; also by the slug that it had before its front matter broke. Null: there is no such issue. */
  look(slug: string): Promise<Looked | null>;
  /** Forgets what was rendered, after a save. */
  changed(): void;
}

/** Opens a memory over the project. */
export function openLastGood({ issues, render }: Pick<PreviewPorts, 'issues' | 'render'>): LastGood {
  const good = new Map<string, ShownEmail>();
  const pathOf = new Map<string, string>();
  let listed: Promise<readonly ShownIssue[]> | null = null;
  let rendered = new Map<string, Promise<ShownEmail>>();

  const list = () => {
    listed ??= issues();
    return listed;
  };
  return {
    list,
    async look(slug) {
      const all = await list();
      const found =
        all.find((one) => slugOf(one) === slug) ?? all.find(({ path }) => path === pathOf.get(slug));
      if (!found) return null;
      pathOf.set(slug, found.path);
      const current = rendered;
      const rendering = current.get(found.path) ?? render(found);
      current.set(found.path, rendering);
      const now = await rendering;
      // A slow render of an older version must not replace a newer one.
      if (now.email && current === rendered) good.set(found.path, now);
      return { now, good: now.email ? now : (good.get(found.path) ?? null) };
    },
    changed() {
      listed = null;
      rendered = new Map();
    },
  };
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
