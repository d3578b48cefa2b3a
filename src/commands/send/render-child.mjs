// The other side of render-apart.ts: `node render-child.mjs PATH` tells its parent what the issue at PATH is compiled to.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const [{ openApp }, { loadConfig }] = await Promise.all([import('../../app.ts'), import('../../config.ts')]);
const loaded = await loadConfig(process.cwd());
if ('findings' in loaded) throw new Error('The configuration was changed meanwhile');
const app = openApp(loaded.config);
process.send(await app.render(await app.project.findIssue(process.argv[2])));
process.disconnect();
