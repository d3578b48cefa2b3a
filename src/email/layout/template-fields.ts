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
  const isField = (path: string) => /^subscriber\./.test(path);
  visitor.PathExpression = (path) => {
    if (/^(?:subscriber|links)\.[\w-]+$/.test(path.original)) names.add(path.original);
  };
  const visitBlock = visitor.BlockStatement;
  visitor.BlockStatement = function (block) {
    for (const parameter of block.params) {
      const path = (parameter as hbs.AST.PathExpression).original;
      if (typeof path === 'string' && isField(path))
        decided.push({
          name: path,
          block: String((block.path as hbs.AST.PathExpression).original),
          line: block.loc.start.line,
        });
    }
    visitBlock.call(this, block);
  };
  visitor.accept(tree);
  return { names: [...names], decided };
}
