const TAG = /<(\/?)(table|tbody|thead|tr|td|th|div|p|ul|ol|li|a|span)\b[^>]*>/g;

/**
 * The first tag that closes another than the last one opened, or one that is never closed; '' when there is neither.
 * Browsers mend such HTML; Outlook draws it in pieces.
 */
export function unbalanced(html: string): string {
  const open: string[] = [];
  const source = html.replace(/<!--[\s\S]*?-->/g, '').replace(/<(style|title)\b[\s\S]*?<\/\1>/g, '');
  for (const [tag, slash, name] of source.matchAll(TAG)) {
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return `${tag} closes what is not open`;
  }
  return open.length > 0 ? `<${open.at(-1)}> is never closed` : '';
}
