import { z } from 'zod';

const count = z.number().int().positive();

const rate = {
  perSecond: count.nullable().default(null),
  perMinute: count.nullable().default(null),
  perHour: count.nullable().default(null),
  perDay: count.nullable().default(null),
};

const date = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00Z`).toJSON()?.startsWith(text),
    'must be a day like "2030-01-07"',
  );

const warmUp = z.strictObject({
  from: date.nullable().default(null),
  days: z.array(count).min(1, 'must name a volume for at least one day').max(365),
});

const domainName = z
  .string()
  .toLowerCase()
  .regex(
    /^(?:\*|(?=.{1,253}$)([a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63})$/,
    'must be a domain as in addresses, like "gmail.com" (xn-- for other letters), or "*" for each of the others',
  );

/** `limits`: of each mail server, and of domains that readers have their addresses at. */
export const limits = z
  .strictObject({
    ...rate,
    connections: count.max(100).default(5),
    warmUp: warmUp.nullable().default(null),
    domains: z
      .record(domainName, z.strictObject({ ...rate, connections: count.max(100).nullable().default(null) }))
      .default({}),
  })
  .prefault({});

/** `relays`: what differs for one of several mail servers; what is not said is as in `limits`. */
export const relays = z
  .record(
    z.string().trim().toLowerCase().min(1),
    z.strictObject({
      weight: z.number().positive().max(1000).optional(),
      perSecond: count.nullable().optional(),
      perMinute: count.nullable().optional(),
      perHour: count.nullable().optional(),
      perDay: count.nullable().optional(),
      connections: count.max(100).optional(),
      warmUp: warmUp.nullable().optional(),
    }),
  )
  .default({});
