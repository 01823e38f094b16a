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
  const exported = exportedSymbols(doors);
  const results = doors.map((door) => checkDoor(door, update, exported));
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join('') };
}

function checkDoor(door: string, update: boolean, exported: ReadonlySet<string>): ToolResult {
  const entry = path.join(ROOT, 'dist', 'esm', 'lib', door, 'index.d.ts');
  if (!existsSync(entry))
    return { ok: false, output: `${door}: ${entry} is missing, run the build step first\n` };
  const messages: string[] = [];
  const { apiReportChanged } = Extractor.invoke(configOf(door, entry), {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = true;
      if (isProblem(message, exported))
        messages.push(`${door}: ${message.formatMessageWithLocation(ROOT)}\n`);
    },
  });
  const isStale = apiReportChanged && !update;
  if (isStale) {
    messages.push(
      `${door}: the public API differs from docs/api/${door}.api.md; look at it with npm run verify -- --only build,api --update\n`,
    );
  }
  return { ok: messages.length === 0, output: messages.join('') };
}

function isProblem(message: ExtractorMessage, exported: ReadonlySet<string>): boolean {
  const { logLevel, messageId } = message;
  if (logLevel !== ExtractorLogLevel.Error && logLevel !== ExtractorLogLevel.Warning) return false;
  if (messageId === 'ae-forgotten-export') return isForgotten(message, exported);
  return !messageId.startsWith('console-api-report');
}

/**
 * Whether what stands in a signature can be imported from no door. Types of the contract stand in the signatures of all
 * doors, and are imported from theirs.
 */
function isForgotten(
  { text, sourceFilePath = '' }: ExtractorMessage,
  exported: ReadonlySet<string>,
): boolean {
  const name = /symbol "([^"]+?)(?:_\d+)?"/.exec(text)?.[1] ?? '';
  const imports = readFileSync(sourceFilePath, 'utf8').matchAll(IMPORTS);
  const origin = [...imports].find(([, names = '']) => localNames(names).includes(name))?.[2];
  const file = origin === undefined ? sourceFilePath : path.join(path.dirname(sourceFilePath), origin);
  return !exported.has(symbolKey(path.relative(path.join(ROOT, 'dist', 'esm', 'lib'), file), name));
}

/** What any door exports, by the file that declares it: names alone may mean two things. */
function exportedSymbols(doors: readonly string[]): ReadonlySet<string> {
  const symbols = doors.flatMap((door) => {
    const entry = path.join(ROOT, 'lib', door, 'index.ts');
    return [...readFileSync(entry, 'utf8').matchAll(EXPORTS)].flatMap(([, names = '', from = '']) =>
      localNames(names).map((name) => symbolKey(path.join(door, from), name)),
    );
  });
  return new Set(symbols);
}

const IMPORTS = /import (?:type )?\{([^}]*)\} from '(\.[^']+)'/g;
const EXPORTS = /export (?:type )?\{([^}]*)\} from '(\.[^']+)'/g;

/** Names in the braces of an import or export; none here is renamed. */
const localNames = (names: string): readonly string[] =>
  names.split(',').map((name) => name.trim().replace(/^type /, ''));

const symbolKey = (file: string, name: string): string => `${file.replace(/(\.d)?\.[jt]s$/, '')}#${name}`;

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
          'ae-undocumented': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: false },
        },
        // Docstrings here name error codes in @throws; TSDoc's stricter grammar has no place for that.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: path.join(ROOT, '.config', 'api-extractor.json'),
    packageJsonFullPath: path.join(ROOT, 'package.json'),
  });
}
