import { join } from 'node:path';
import type { Config } from './config.ts';
import { compileEmail } from './email/compile-email.ts';
import type { CompiledEmail } from './email/email.ts';
import type { Finding } from './finding.ts';
import type { Issue } from './issue/issue.ts';
import { type FoundIssue, openProject, type Project } from './project.ts';

/** A compiled issue with everything that was found on the way. */
export interface Rendered extends CompiledEmail {
  readonly issue: Issue | null;
  readonly path: string;
}

/** The composition root: what commands are handed. Heavy rooms are opened when they are asked for. */
export interface App {
  readonly config: Config;
  readonly project: Project;
  /** `.broadsheet/NAME` in the project: generated state. */
  state(name: string): string;
  /** Reads, compiles; `email` is null when there are errors among the findings. */
  render(found: FoundIssue): Promise<Rendered>;
  /** The newest issue that is not a draft; else the newest. */
  newest(): Promise<FoundIssue | null>;
}

/** Opens the project of a checked configuration. */
export function openApp(config: Config): App {
  const project = openProject(config.root);
  return {
    config,
    project,
    state: (name) => join(config.root, '.broadsheet', name),
    async render(found) {
      const { issue, path } = found;
      const stop = (findings: readonly Finding[]): Rendered => ({
        issue,
        path,
        email: null,
        mjml: '',
        findings: [...found.findings, ...findings],
      });
      if (!issue) return stop([]);
      const template = await project.template(issue.template ?? config.newsletter.template);
      if ('findings' in template) return stop(template.findings);
      const compiled = await compileEmail(issue, template, config.newsletter, project.assetReader(issue));
      return { ...compiled, issue, path, findings: [...found.findings, ...compiled.findings] };
    },
    async newest() {
      const all = await project.issues();
      return all.find(({ issue }) => issue && !issue.draft) ?? all[0] ?? null;
    },
  };
}
