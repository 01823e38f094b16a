// The main job, end to end, on a laptop: npm run demo
import { runDemo } from './demo.js';
import { readOptions, USAGE, UsageError } from './options.js';
import { Progress } from './progress.js';
import { checkReportFolder } from './report/folder.js';
import { renderTerminal } from './report/terminal.js';

/** Exit codes: the run was right, the run or its ledger failed, the arguments were wrong. */
const EXIT = { right: 0, failed: 1, usage: 2, interrupted: 130 } as const;

// The SDK's reminder that Node 20 ends is for whoever runs the workers for good, not for a look at the demo.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
process.once('SIGTERM', () => abort.abort());
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), Date.now());
    if (options === undefined) {
      process.stdout.write(`${USAGE}\n`);
      return EXIT.right;
    }
    await checkReportFolder(options.out);
    const progress = new Progress(options.isJson ? process.stderr : process.stdout);
    const { report, page } = await runDemo(options, progress, abort.signal);
    process.stdout.write(
      `${options.isJson ? JSON.stringify(report, null, 2) : renderTerminal(report, page)}\n`,
    );
    return report.isRight ? EXIT.right : EXIT.failed;
  } catch (error) {
    if (abort.signal.aborted) {
      process.stderr.write(
        '\ninterrupted: everything that was started has been ended, no report was written\n',
      );
      return EXIT.interrupted;
    }
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\nnpm run demo -- --help says what is allowed\n`);
      return EXIT.usage;
    }
    process.stderr.write(
      `\nthe demo could not run: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return EXIT.failed;
  }
}
