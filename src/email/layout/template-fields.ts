import Handlebars from 'handlebars';

/** Merge fields that a template names, and blocks that wrongly decide on one. */
export type TemplateFields =
  | {
      readonly names: readonly string[];
      readonly decided: readonly { name: string; block: string; line: number }[];
    }
  | { readonly fault: string; readonly line: number };

/** Finds `subscriber.*` and `links.*` in a template by its syntax tree; gives the fault when it does not parse. */
export function findMergeFields(source: string): TemplateFields {
  const names = new Set<string>();
  const decided: { name: string; block: string; line: number }[] = [];
  let tree: hbs.AST.Program;
  try {
    tree = Handlebars.parse(source);
  } catch (error) {
    const [first = ''] = String((error as Error).message).split('\n');
    return { fault: 'Handlebars cannot read the template', line: Number(/line (\d+)/.exec(first)?.[1] ?? 1) };
  }
  const visitor = new Handlebars.Visitor();
  visitor.PathExpression = (path) => {
    const [room, name, more] = partsOf(path);
    if ((room === 'subscriber' || room === 'links') && name && more === undefined)
      names.add(`${room}.${name}`);
  };
  const visitBlock = visitor.BlockStatement;
  visitor.BlockStatement = function (block) {
    for (const path of pathsIn(block.params))
      if (partsOf(path)[0] === 'subscriber')
        decided.push({
          name: path.original,
          block: (block.path as hbs.AST.PathExpression).original,
          line: block.loc.start.line,
        });
    visitBlock.call(this, block);
  };
  visitor.accept(tree);
  return { names: [...names], decided };
}

/** `['subscriber', 'name']` of `subscriber.name`, `../subscriber.name` and `@root.subscriber.name`. */
function partsOf({ data, parts }: hbs.AST.PathExpression): readonly string[] {
  return data && parts[0] === 'root' ? parts.slice(1) : parts;
}

/** The paths among the parameters of a block, also those inside `(helper …)`. */
function pathsIn(expressions: readonly hbs.AST.Expression[]): hbs.AST.PathExpression[] {
  return expressions.flatMap((expression) => {
    if (expression.type === 'PathExpression') return [expression as hbs.AST.PathExpression];
    return expression.type === 'SubExpression' ? pathsIn((expression as hbs.AST.SubExpression).params) : [];
  });
}
