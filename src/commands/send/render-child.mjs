// The other side of render-apart.ts: it is told of an issue, and tells its parent what that is compiled to.
import { once } from 'node:events';
import { enableCompileCache } from 'node:module';

enableCompileCache();
const told = once(process, 'message');
const [{ openApp }, { loadConfig }, { renderRecorded }] = await Promise.all([
  import('../../app.ts'),
  import('../../config.ts'),
  import('./render-recorded.ts'),
]);
const loaded = await loadConfig(process.cwd());
if ('findings' in loaded) throw new Error('The configuration was changed meanwhile');
const [found] = await told;
// Pictures make it longer than what the channel holds: who leaves before it is read takes the rest along.
process.send(await renderRecorded(openApp(loaded.config), found), () => process.disconnect());
