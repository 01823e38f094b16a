// npm run deploy:check: the example apps through the real CLI onto an emulated CloudFormation, and messages through them.
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../conformance/engines/cache-folder.js';
import { NotAvailable } from '../conformance/engines/engine.js';
import { checkDeployment, type DeployReport } from './deploy-check.js';
import { startEngine } from './engine.js';

const USAGE = `npm run deploy:check -- [--only flights,github-webhooks] [--json]

  --only  deploy these stacks only (default: all of bin/app.ts, with -c example=all)
  --json  print the report as JSON

exit code: 0 all passed, 1 something failed, 77 skipped because the engine can't be installed here, 130 interrupted`;

/** 77 is what test harnesses read as skipped. */
const EXIT = { done: 0, failed: 1, skipped: 77, interrupted: 130 } as const;

const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => void process.stderr.write(`deploy:check: ${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    writeLine(USAGE);
    return EXIT.done;
  }
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  say('starting the engine (the first time it is installed)');
  const engine = await startEngine(cache).catch((error: unknown) => {
    if (error instanceof NotAvailable) return error;
    throw error;
  });
  if (engine instanceof NotAvailable) {
    writeLine(`skipped: the engine can't be had here: ${engine.message}`);
    return EXIT.skipped;
  }
  try {
    const only = values.only?.split(',').map((name) => name.trim());
    const options = { engine, say, signal: interrupt.signal, ...(only !== undefined && { only }) };
    const report = await checkDeployment(options);
    writeLine(values.json ? JSON.stringify(report, undefined, 2) : inWords(report));
    return report.probes.every(({ isDone }) => isDone) ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (interrupt.signal.aborted) {
      say('interrupted; the engine and the temporary folder are gone');
      return EXIT.interrupted;
    }
    say(error instanceof Error ? error.message : String(error));
    return EXIT.failed;
  } finally {
    await engine.stop();
  }
}

function inWords(report: DeployReport): string {
  const { seconds } = report;
  const types = Object.entries(report.created).sort(([a], [b]) => a.localeCompare(b));
  const failed = report.probes.filter(({ isDone }) => !isDone);
  return [
    `${report.stacks.length === 1 ? '1 stack' : `${report.stacks.length} stacks`} deployed to ${report.engine} (${seconds.deploy.toFixed(1)} s) and destroyed (${seconds.destroy.toFixed(1)} s): ${report.stacks.join(', ')}`,
    `created: ${types.map(([type, count]) => `${count} ${type}`).join(', ')}`,
    `left out, because the engine can't create it: ${byType(report.leftOut).join('; ') || 'nothing'}`,
    `left out, because the probes' own workers stand in for them: ${report.stoodInFor.map(({ stack, logicalId }) => `${stack}/${logicalId}`).join(', ') || 'nothing'}`,
    `kept by destroy, as their removal policy says: ${report.kept.join(', ') || 'nothing'}`,
    `${report.probes.length - failed.length} ways passed, ${failed.length} failed`,
  ].join('\n');
}

/** `2 AWS::Some::Type (app/One, app/Two)`. */
function byType(resources: DeployReport['leftOut']): readonly string[] {
  const types = [...new Set(resources.map(({ type }) => type))].sort();
  return types.map((type) => {
    const places = resources
      .filter((resource) => resource.type === type)
      .map(({ stack, logicalId }) => `${stack}/${logicalId}`);
    return `${places.length} ${type} (${places.join(', ')})`;
  });
}

process.exitCode = await main();
