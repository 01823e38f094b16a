import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { doorsOf, readManifest, ROOT, type ToolResult } from './tool.js';

const REPORTS = path.join(ROOT, 'docs', 'api');

/**
 * Compares the public surface of each door with its committed report, `docs/api/<door>.api.md`. A report that differs
 * is a change of the public API that nobody has looked at yet.
 * @param update write the reports instead of failing
 */
export function checkApiReports(update: boolean): ToolResult {
  mkdirSync(REPORTS, { recursive: true });
  const doors = doorsOf(readManifest());
  const exported = exportedNames(doors);
  const results = doors.map((door) => checkDoor(door, update, exported));
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join('') };
}

function checkDoor(door: string, update: boolean, exported: ReadonlySet<string>): ToolResult {
  const entry = path.join(ROOT, 'dist', 'esm', 'lib', door, 'index.d.ts');
  if (!existsSync(entry))
    return { ok: false, output: `${door}: ${entry} is missing, run the build step first\n` };
  const messages: string[] = [];
  const forgotten = new Set<string>();
  const { apiReportChanged } = Extractor.invoke(configOf(door, entry), {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = true;
      const name = forgottenName(message, exported);
      if (name !== undefined) forgotten.add(name);
      if (isProblem(message)) messages.push(`${door}: ${message.formatMessageWithLocation(ROOT)}\n`);
    },
  });
  const isStale = apiReportChanged && !update;
  if (isStale) {
    messages.push(
      `${door}: the public API differs from docs/api/${door}.api.md; look at it with npm run verify -- --only build,api --update\n`,
    );
  }
  const note = forgotten.size === 0 ? '' : `${door}: exported by no door: ${[...forgotten].join(', ')}\n`;
  return { ok: messages.length === 0, output: messages.join('') + note };
}

/**
 * What stands in a signature, but can be imported from no door: worth a look, and no failure, since ports and bases may
 * well stay unspelt. Types of the contract stand in the signatures of all doors, and are imported from theirs.
 */
function forgottenName(message: ExtractorMessage, exported: ReadonlySet<string>): string | undefined {
  if (message.messageId !== 'ae-forgotten-export') return undefined;
  const name = /symbol "([^"]+)"/.exec(message.text)?.[1];
  return name === undefined || exported.has(name) ? undefined : name;
}

const isProblem = ({ logLevel, messageId }: ExtractorMessage): boolean =>
  (logLevel === ExtractorLogLevel.Error || logLevel === ExtractorLogLevel.Warning) &&
  messageId !== 'ae-forgotten-export' &&
  !messageId.startsWith('console-api-report');

/** Names that any door exports. */
function exportedNames(doors: readonly string[]): ReadonlySet<string> {
  const names = doors.flatMap((door) => {
    const entry = path.join(ROOT, 'lib', door, 'index.ts');
    const lists = readFileSync(entry, 'utf8').matchAll(/export (?:type )?\{([^}]*)\}/g);
    return [...lists].flatMap(([, list = '']) =>
      list.split(',').map((name) => name.trim().replace(/^type /, '')),
    );
  });
  return new Set(names);
}

function configOf(door: string, entry: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: entry,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'NodeNext',
            target: 'ES2022',
            lib: ['ES2023', 'ESNext.Disposable'],
            skipLibCheck: true,
            types: ['node'],
            strict: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${door}.api.md`,
        reportFolder: REPORTS,
        reportTempFolder: path.join(ROOT, 'dist', 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Warning } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning },
          // Everything a door exports is public: there are no release stages to tag.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // The order of links in prose is no matter of the API.
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
        },
        // Docstrings here name error codes in @throws; TSDoc's stricter grammar has no place for that.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: path.join(ROOT, '.config', 'api-extractor.json'),
    packageJsonFullPath: path.join(ROOT, 'package.json'),
  });
}
