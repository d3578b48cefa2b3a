import Handlebars from 'handlebars';
import type { Template } from '../email.ts';
import { findMergeFields } from './template-fields.ts';

/** A file that a template consists of. */
export interface Source {
  readonly path: string;
  readonly source: string;
}

/** A template that was read: filled for each issue, which may throw. */
export interface ReadyTemplate {
  readonly sources: readonly Source[];
  /** Names of the holes that it has: `subscriber.name`, `links.web`. */
  readonly names: readonly string[];
  mjml(context: object): string;
  css(context: object): string;
}

export interface TemplateFault {
  readonly path: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** Templates by all that they consist of: to parse one takes as long as to fill it and set it with MJML. */
const known = new Map<string, ReadyTemplate | TemplateFault>();
const REMEMBERED = 8;

/** Makes a template ready to be filled, or gives the first fault in its files. */
export function readyTemplate(template: Template): ReadyTemplate | TemplateFault {
  const styles = { path: template.path.replace(/\.mjml$/, '.css'), source: template.css };
  const sources = [template, ...Object.values(template.partials), styles];
  const key = JSON.stringify([template.partials, sources.map(({ path, source }) => [path, source])]);
  const ready = known.get(key) ?? read(template, sources);
  known.delete(key);
  known.set(key, ready);
  if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
  return ready;
}

function read(template: Template, sources: readonly Source[]): ReadyTemplate | TemplateFault {
  const names = new Set<string>();
  for (const { path, source } of sources) {
    const found = findMergeFields(source);
    if ('fault' in found)
      return {
        path,
        line: found.line,
        message: found.fault,
        hint: 'See handlebarsjs.com for its syntax.',
      };
    const decided = found.decided[0];
    if (decided)
      return {
        path,
        line: decided.line,
        message: `{{#${decided.block} ${decided.name}}} would decide the same for all readers.`,
        hint: 'The template runs once: use "::: if" in the issue.',
      };
    for (const name of found.names) names.add(name);
  }
  return {
    sources,
    names: [...names],
    mjml: prepare(template, template.source, false),
    css: prepare(template, template.css, true),
  };
}

/** A source that is compiled when it is first filled, with its partials. */
function prepare(template: Template, source: string, noEscape: boolean): (context: object) => string {
  const handlebars = Handlebars.create();
  for (const [name, partial] of Object.entries(template.partials))
    handlebars.registerPartial(name, handlebars.compile(partial.source, { noEscape }));
  return handlebars.compile(source, { noEscape });
}
