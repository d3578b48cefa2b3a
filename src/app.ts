import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkIssue } from './check/check-issue.ts';
import { inOrder } from './check/in-order.ts';
import { silenced } from './check/silenced.ts';
import { CONFIG_FILE, type Config } from './config.ts';
import type { CompiledEmail, ReadAsset, Template } from './email/email.ts';
import type { Finding } from './finding.ts';
import type { Issue } from './issue/issue.ts';
import { epochFile } from './ledger/drivers/open-epoch.ts';
import { type Ledger, LedgerError } from './ledger/ledger.ts';
import { type FoundIssue, openProject, type Project } from './project.ts';
import type { OpenRelays } from './transport/open-relays.ts';
import type { OpenTransport } from './transport/open-transport.ts';

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
  /** The template of an issue: its own, else the newsletter's. */
  template(issue: Issue): Promise<Template | { readonly findings: readonly Finding[] }>;
  /**
   * Compiles and checks an issue; `email` is null when it did not compile. What is silenced is not among the findings.
   * Pictures are read by `readAsset`; without it, from the project.
   */
  render(found: FoundIssue, readAsset?: ReadAsset): Promise<Rendered>;
  /** The newest issue that is not a draft; else the newest. */
  newest(): Promise<FoundIssue | null>;
  /** Is there a ledger to look at? A server and a branch may hold one; a file is there once something was recorded. */
  hasLedger(): boolean;
  /**
   * The ledger, where the configuration says that it is kept. `create`: it may be a new one, though a branch was to hold
   * it. `readOnly`: nothing is pushed. May throw LedgerError.
   */
  openLedger(options: { readonly create: boolean; readonly readOnly: boolean }): Promise<Ledger>;
  /** All mail servers of the configuration with their limits, or the inbox on this machine: for campaigns. */
  openRelays(inbox: boolean): Promise<OpenRelays>;
  /** The first mail server of the configuration, or the inbox on this machine: for tests. */
  openTransport(inbox: boolean): Promise<OpenTransport>;
}

/** Opens the project of a checked configuration. */
export function openApp(config: Config): App {
  const project = openProject(config.root);
  const file = join(config.root, '.broadsheet', 'ledger.sqlite');
  const templateOf = (issue: Issue) => project.template(issue.template ?? config.newsletter.template);
  return {
    config,
    project,
    state: (name) => join(config.root, '.broadsheet', name),
    template: templateOf,
    async render(found, readAsset) {
      const { issue, path } = found;
      const { newsletter } = config;
      const heard = (more: readonly Finding[]) =>
        inOrder(silenced([...found.findings, ...more], issue, newsletter));
      const stop = (more: readonly Finding[]): Rendered => ({
        issue,
        path,
        email: null,
        mjml: '',
        findings: heard(more),
      });
      if (!issue) return stop([]);
      const template = await templateOf(issue);
      if ('findings' in template) return stop(template.findings.map((finding) => namedIn(issue, finding)));
      // MJML takes most of a second to load: what compiles nothing need not wait for it.
      const { compileEmail } = await import('./email/compile-email.ts');
      const assets = readAsset ?? project.assetReader(issue);
      const compiled = await compileEmail(issue, template, newsletter, assets);
      const checked = checkIssue(issue, compiled, newsletter);
      return { ...compiled, issue, path, findings: heard([...compiled.findings, ...checked]) };
    },
    // What counts its commits outlives it: that it is gone must be told, not that nothing was ever sent.
    hasLedger: () =>
      config.databaseUrl !== null ||
      config.ledger === 'git' ||
      existsSync(file) ||
      existsSync(epochFile(file)),
    async openLedger(options) {
      const { root, databaseUrl, ledger, ledgerKey, ledgerBatch } = config;
      const { openLedger } = await import('./ledger/open-ledger.ts');
      if (ledger !== 'git') return openLedger(databaseUrl ?? file);
      if (ledgerKey === null) throw new LedgerError('LEDGER_KEY is not set, so the ledger cannot be read.');
      const { openBranchLedger } = await import('./ledger-branch/open-branch-ledger.ts');
      return openBranchLedger({ root, secret: ledgerKey, batch: ledgerBatch, ...options });
    },
    async openRelays(inbox) {
      const { openRelays } = await import('./transport/open-relays.ts');
      const { relays, smtpOauth, newsletter } = config;
      const folder = join(config.root, '.broadsheet', 'inbox');
      return openRelays(inbox ? null : relays, newsletter.limits, folder, smtpOauth);
    },
    async openTransport(inbox) {
      const { openTransport } = await import('./transport/open-transport.ts');
      const { smtpUrls, smtpOauth, newsletter } = config;
      const folder = join(config.root, '.broadsheet', 'inbox');
      return openTransport(inbox ? null : smtpUrls[0]!, newsletter.limits.connections, folder, smtpOauth);
    },
    async newest() {
      const all = await project.issues();
      return all.find(({ issue }) => issue && !issue.draft) ?? all[0] ?? null;
    },
  };
}

/** A template that is not there is a fault of who names it: the issue, else the configuration. */
function namedIn({ path, template, keys }: Issue, finding: Finding): Finding {
  return template === null
    ? { ...finding, path: CONFIG_FILE }
    : { ...finding, path, ...(keys.template ?? {}) };
}
