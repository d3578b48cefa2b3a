/**
 * Marks what an author set on a colour with the class `lit`, and gives it the text's own colour where none is named: in a
 * dark mode the text around it turns light, and would be light on light. Takes well-formed HTML.
 */
export function litBackgrounds(html: string, textColour: string): string {
  if (!/ bgcolor="|background-color:/.test(html)) return html;
  return html.replace(/<[a-z][a-z\d]*( [^<>]*)>/g, (tag, attributes: string) => {
    if (!/ bgcolor="|[" ;]background-color:/.test(attributes)) return tag;
    const style = / style="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const named = /(?:^|;)color:/.test(style) ? style : `color:${textColour};${style}`;
    const own = attributes.replace(/ style="[^"]*"/, '');
    const classed = / class="/.test(own) ? own.replace(' class="', ' class="lit ') : `${own} class="lit"`;
    return `${tag.slice(0, tag.length - attributes.length - 1)}${classed} style="${named}">`;
  });
}
