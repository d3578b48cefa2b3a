import type { Posted } from '../../doctor/check-setup.ts';

/** Asks as Gmail does (RFC 8058 §3.2): POST, a form, no cookie, no redirect followed. Never throws. */
export async function postOneClick(url: string): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    return { status: response.status, date: response.headers.get('date') };
  } catch (error) {
    const { message, cause } = error as Error;
    return { fault: cause instanceof Error ? cause.message : message };
  }
}
