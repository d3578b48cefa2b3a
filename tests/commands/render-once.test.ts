import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import { renderApart } from '../../src/commands/send/render-apart.ts';
import { renderOnce } from '../../src/commands/send/render-once.ts';
import { renderRecorded } from '../../src/commands/send/render-recorded.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { realIssues } from '../support/shared.ts';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';

const ISSUE = '---\ntitle: The letter\n---\n\nHello {{subscriber.name | "you"}}.\n\n![A dot](dot.svg)\n';
const dot = (radius: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="${radius}"/></svg>`;

async function configOf({ root }: TemporaryProject): Promise<Config> {
  const loaded = await loadConfig(root, {});
  if ('findings' in loaded) throw new Error(JSON.stringify(loaded.findings));
  return loaded.config;
}

async function letter(files: Readonly<Record<string, string>> = {}) {
  const project = temporaryProject({ 'issues/letter.md': ISSUE, 'issues/dot.svg': dot(3), ...files });
  const state = { config: await configOf(project), compiled: 0 };
  const render = async () => {
    const app = openApp(state.config);
    const compile: typeof renderRecorded = (...args) => {
      state.compiled += 1;
      return renderRecorded(...args);
    };
    return renderOnce(app, await app.project.findIssue('letter'), compile, join(project.root, 'cache'));
  };
  const fresh = async () => {
    const app = openApp(state.config);
    return app.render(await app.project.findIssue('letter'));
  };
  const kept = () => project.names('cache');
  return { project, state, render, fresh, kept };
}

describe('what was compiled once', () => {
  test('is not compiled again, and is what compiling gives', async () => {
    const { state, render, fresh } = await letter();
    const first = await render();
    const second = await render();
    expect(state.compiled).toBe(1);
    expect(first).toEqual(await fresh());
    expect(second).toEqual(first);
    expect(second.email?.images).toHaveLength(1);
  });

  test('is the same when it was compiled in a process of its own', async () => {
    const { project, state, render, fresh } = await letter();
    const app = openApp(state.config);
    await renderOnce(app, await app.project.findIssue('letter'), renderApart, join(project.root, 'cache'));
    expect(await render()).toEqual(await fresh());
    expect(state.compiled).toBe(0);
  });

  test.each<[string, (project: TemporaryProject, state: { config: Config }) => void]>([
    ['a word of it', ({ write }) => write('issues/letter.md', ISSUE.replace('Hello', 'Good day'))],
    [
      'its template',
      ({ write, read }) => write('templates/newsletter.css', `${read('templates/newsletter.css')}p{}`),
    ],
    [
      'a partial of its template',
      ({ write, names, read }) => {
        const path = `templates/partials/${names('templates/partials')[0]}`;
        write(path, read(path).replace('<mj-', '<!-- new --><mj-'));
      },
    ],
    ['its picture', ({ write }) => write('issues/dot.svg', dot(4))],
    ['that its picture is gone', ({ root }) => rmSync(join(root, 'issues/dot.svg'))],
    [
      'the configuration',
      (_project, state) => {
        const { newsletter } = state.config;
        state.config = { ...state.config, newsletter: { ...newsletter, postalAddress: '2 Press Lane' } };
      },
    ],
  ])('is compiled again for %s', async (_what, change) => {
    const { project, state, render, fresh } = await letter();
    await render();
    change(project, state);
    const changed = await render();
    expect(state.compiled).toBe(2);
    expect(changed).toEqual(await fresh());
  });

  test('is compiled again when a picture is there that was missing', async () => {
    const { project, state, render, fresh } = await letter();
    rmSync(join(project.root, 'issues/dot.svg'));
    const without = await render();
    project.write('issues/dot.svg', dot(3));
    expect(await render()).toEqual(await fresh());
    expect(await render()).not.toEqual(without);
    expect(state.compiled).toBe(2);
  });

  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['is cut short', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['is empty', () => new Uint8Array()],
    ['has one bit turned over', (bytes) => bytes.map((byte, at) => (at === 1000 ? byte ^ 1 : byte))],
    ['is something else', () => Buffer.from('x'.repeat(200))],
  ])('is compiled again when what is kept %s', async (_what, damage) => {
    const { project, state, render, kept, fresh } = await letter();
    await render();
    const file = join(project.root, 'cache', kept()[0]!);
    writeFileSync(file, damage(readFileSync(file)));
    expect(await render()).toEqual(await fresh());
    expect(state.compiled).toBe(2);
    await render();
    expect(state.compiled).toBe(2);
  });

  test.each([
    ['the template', 'templates/newsletter.css'],
    ['a partial', 'templates/partials/footer.mjml'],
  ])('is not kept when %s was changed while it was compiled', async (_what, path) => {
    const { project, state, render, fresh } = await letter();
    const app = openApp(state.config);
    const was = project.read(path);
    const meanwhile: typeof renderRecorded = async (...args) => {
      project.write(path, `${was}\n`);
      return renderRecorded(...args);
    };
    const found = await app.project.findIssue('letter');
    await renderOnce(app, found, meanwhile, join(project.root, 'cache'));
    project.write(path, was);
    expect(await render()).toEqual(await fresh());
    expect(state.compiled).toBe(1);
  });

  test('need not be kept: a folder that cannot be written does no harm', async () => {
    const { project, state, render, fresh } = await letter();
    project.write('cache', 'a file is in the way');
    expect(await render()).toEqual(await fresh());
    await render();
    expect(state.compiled).toBe(2);
  });

  test('is forgotten when sixteen others have come', async () => {
    const { project, state, render, kept } = await letter();
    for (let number = 0; number < 19; number += 1) {
      project.write('issues/letter.md', `${ISSUE}\nThe ${number}th.\n`);
      await render();
    }
    expect(kept()).toHaveLength(16);
    await render();
    expect(state.compiled).toBe(19);
    project.write('issues/letter.md', `${ISSUE}\nThe 0th.\n`);
    await render();
    expect(state.compiled).toBe(20);
  });

  test('is not kept when it did not compile', async () => {
    const { project, render, kept } = await letter();
    project.write('issues/letter.md', '---\ntitle: "no end\n---\n');
    expect((await render()).email).toBeNull();
    expect(kept()).toEqual([]);
  });

  test('of real issues is what compiling gives', async () => {
    const project = temporaryProject();
    const app = openApp(await configOf(project));
    for (const file of realIssues()) {
      const found = await app.project.findIssue(file);
      const render = () => renderOnce(app, found, renderRecorded, join(project.root, 'cache'));
      const [first, second] = [await render(), await render()];
      expect(second, file).toEqual(first);
      expect(second.email?.digest).toBe(first.email?.digest);
    }
  });
});
