import { type App, openApp } from '../../app.ts';
import type { Context } from '../../cli.ts';
import { loadConfig } from '../../config.ts';

/** Reads the configuration again after a save. Null, with its faults told: what was there before stays in force. */
export async function reload({ app, terminal }: Context): Promise<App | null> {
  const loaded = await loadConfig(app.config.root);
  if ('config' in loaded) return openApp(loaded.config);
  terminal.findings(loaded.findings);
  terminal.complain('The configuration has faults: the preview goes on with the one before.');
  return null;
}
