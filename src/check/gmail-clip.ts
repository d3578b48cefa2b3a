/** Octets of HTML after which Gmail shows "[Message clipped]"; it publishes no figure, senders measure this. */
export const GMAIL_CLIP = 102_000;
