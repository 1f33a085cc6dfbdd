import { startSandboxServer } from '../../src/sandbox';

/** A simulator in a process of its own, with one large account and no rate limit. */
const apiKey = 'acct-bench';

startSandboxServer({ port: 0, host: '127.0.0.1' }).then(
  ({ url, sandbox }) => {
    sandbox.practicehub.addAccount({
      apiKey,
      sizes: { '*': 0, patients: Number(process.env['BENCH_ROWS'] ?? 100_000) },
      settings: { ratePerSecond: 0 },
    });
    process.send?.({ url, apiKey });
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
