import { expect, test } from 'vitest';
import type { Limits } from '../../src/newsletter.ts';
import { relaysOf } from '../../src/transport/relays-of.ts';

const LIMITS: Limits = {
  perSecond: 10,
  perMinute: null,
  perHour: null,
  perDay: 1000,
  connections: 5,
  warmUp: null,
  domains: {},
};
const { domains: _, ...COMMON } = LIMITS;

test('each relay has the common limits, changed by what is said of it', () => {
  const relays = { 'b.example.com': { weight: 3, perDay: null, connections: 2, perSecond: undefined } };
  expect(relaysOf(['smtp://A.example.com', 'smtps://b.example.com'], LIMITS, relays as never)).toEqual([
    { name: 'a.example.com:587', url: 'smtp://A.example.com', weight: null, limits: COMMON },
    {
      name: 'b.example.com:465',
      url: 'smtps://b.example.com',
      weight: 3,
      limits: { ...COMMON, perDay: null, connections: 2 },
    },
  ]);
});

test('two accounts at one server are two relays, each by its user', () => {
  const urls = ['smtp://one:x@a.example.com', 'smtp://two:x@a.example.com'];
  const relays = { 'two@a.example.com': { perDay: 7 } };
  expect(relaysOf(urls, LIMITS, relays)).toMatchObject([
    { name: 'one@a.example.com:587', limits: { perDay: 1000 } },
    { name: 'two@a.example.com:587', limits: { perDay: 7 } },
  ]);
});
