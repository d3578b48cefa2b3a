/** How to start the Chromium that comes from npm; the first call unpacks it into the temporary folder. */
export async function launchOptions() {
  // That one is for Linux on x64: elsewhere an installed Chrome is used.
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
  // Makes the package bring its own libraries (libnss3 and others), which plain machines lack.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs24.x';
  const { default: packed } = await import('@sparticuz/chromium');
  const args = packed.args.filter((arg) => arg !== '--single-process');
  return { executablePath: await packed.executablePath(), args: [...args, '--no-sandbox'] };
}

/** Before all tests: two files that unpack at once would write over each other. */
export default async function setup(): Promise<void> {
  await launchOptions();
}
