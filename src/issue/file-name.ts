/** What the file of an issue is called: its folder's name for an `index.md`, else its own without the ending. */
export function fileName(path: string): string {
  const parts = path.split('/');
  const last = parts.at(-1)!.replace(/\.(md|markdown)$/i, '');
  return last === 'index' && parts.length > 1 ? parts.at(-2)! : last;
}
