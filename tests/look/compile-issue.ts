import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config.ts';
import { compileEmail } from '../../src/email/compile-email.ts';
import type { Email } from '../../src/email/email.ts';
import type { Newsletter } from '../../src/newsletter.ts';
import { openProject } from '../../src/project.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = openProject(root);

/** Compiles an issue (a path, or a slug of `issues/`) as this project's newsletter would, with its own images. */
export async function compileIssue(name: string, changes: Partial<Newsletter> = {}): Promise<Email> {
  const loaded = await loadConfig(root, {});
  if ('findings' in loaded) throw new Error(loaded.findings.map(({ message }) => message).join('\n'));
  const { issue, findings } = await project.findIssue(name);
  if (!issue) throw new Error(findings.map(({ message }) => message).join('\n'));
  const template = await project.template(issue.template ?? 'newsletter');
  if ('findings' in template) throw new Error(template.findings.map(({ message }) => message).join('\n'));
  const newsletter = { ...loaded.config.newsletter, ...changes };
  const compiled = await compileEmail(issue, template, newsletter, project.assetReader(issue));
  if (!compiled.email) throw new Error(compiled.findings.map(({ message }) => message).join('\n'));
  return compiled.email;
}
