import type { Email, EmbeddedImage, Stencil } from './email.ts';

/**
 * The same email with its hosted pictures in the message: of an issue that nobody has yet, they are not on the web.
 * `hostedAt` is `publicUrl`.
 */
export function embedPictures(email: Email, hostedAt: string | null): Email {
  if (email.hosted.length === 0 || hostedAt === null) return email;
  const moved = email.hosted.map(({ path, type, bytes }) => {
    const filename = path.slice(path.lastIndexOf('/') + 1);
    return {
      from: `"${hostedAt}${path}"`,
      image: { cid: `${filename}@images`, type, filename, bytes } as EmbeddedImage,
    };
  });
  const within = (stencil: Stencil): Stencil =>
    stencil.map((piece) => {
      if (typeof piece === 'string')
        return moved.reduce((text, { from, image }) => text.replaceAll(from, `"cid:${image.cid}"`), piece);
      return piece.kind === 'field'
        ? piece
        : { ...piece, then: within(piece.then), otherwise: within(piece.otherwise) };
    });
  return {
    ...email,
    html: within(email.html),
    embedded: [...email.embedded, ...moved.map(({ image }) => image)],
    hosted: [],
  };
}
