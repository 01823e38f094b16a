import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from '../tool.js';
import type { Finding, Scanner } from './findings.js';
import { resourceIn, type ScannedApp } from './scanned-app.js';

/** The scanners that come from PyPI, pinned: a new rule of theirs is to be met when we choose to. */
export const PYTHON_TOOLS = { 'cfn-lint': '1.58.0', checkov: '3.3.30' } as const;

/** What came of one scanner. */
export type ScannerOutcome =
  | { readonly kind: 'ran'; readonly scanner: Scanner; readonly findings: readonly Finding[] }
  | { readonly kind: 'skipped'; readonly scanner: Scanner; readonly why: string };

/** What cfn-lint and checkov say of the cases, or why they could not be asked. */
export async function scanWithPython(scanned: ScannedApp): Promise<readonly ScannerOutcome[]> {
  const installed = await install();
  if (installed.kind === 'failed') {
    return (['cfn-lint', 'checkov'] as const).map((scanner) => ({
      kind: 'skipped',
      scanner,
      why: installed.why,
    }));
  }
  return [await lint(installed.bin, scanned), await check(installed.bin, scanned)];
}

type Installation =
  { readonly kind: 'installed'; readonly bin: string } | { readonly kind: 'failed'; readonly why: string };

/** Into a virtual environment in the user's cache, named for the versions, so that the next run finds it. */
async function install(): Promise<Installation> {
  const requirements = Object.entries(PYTHON_TOOLS).map(([name, version]) => `${name}==${version}`);
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folder = path.join(cache, 'millrace', `scanners-${requirements.join('-').replaceAll('==', '-')}`);
  const bin = path.join(folder, 'bin');
  const done = path.join(folder, 'complete');
  if (existsSync(done)) return { kind: 'installed', bin };
  // What an earlier run left half done is not to be trusted.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps = [
    ['python3', ['-m', 'venv', folder]],
    [path.join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...requirements]],
  ] as const;
  for (const [command, args] of steps) {
    const { ok, output } = await runProgram(command, args, { timeoutSeconds: 75 });
    if (!ok) return { kind: 'failed', why: lastLine(output) };
  }
  writeFileSync(done, '');
  return { kind: 'installed', bin };
}

interface LintMatch {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

async function lint(bin: string, scanned: ScannedApp): Promise<ScannerOutcome> {
  const scanner = 'cfn-lint';
  const { templatePaths } = scanned.context;
  const report = await reportOf('report.json', (file) =>
    runProgram(path.join(bin, scanner), ['--format', 'json', '--output-file', file, ...templatePaths]),
  );
  if (report.kind === 'failed') return { kind: 'skipped', scanner, why: report.why };
  const findings = (report.json as readonly LintMatch[]).flatMap(({ Rule, Message, Filename, Location }) => {
    const [section, logicalId] = Location.Path ?? [];
    if (section !== 'Resources') throw new Error(`cfn-lint on ${Filename}: ${Rule.Id} ${Message}`);
    return scanned.locate(resourceIn(Filename, String(logicalId)), {
      scanner,
      rule: Rule.Id,
      words: Message,
    });
  });
  return { kind: 'ran', scanner, findings };
}

interface CheckovReport {
  readonly results: { readonly failed_checks: readonly CheckovFailure[] };
}

interface CheckovFailure {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  /** Type and logical id, with a dot between. */
  readonly resource: string;
}

async function check(bin: string, scanned: ScannedApp): Promise<ScannerOutcome> {
  const scanner = 'checkov';
  const report = await reportOf('results_json.json', (file) =>
    runProgram(path.join(bin, scanner), [
      ...['--framework', 'cloudformation', '--output', 'json', '--output-file-path', path.dirname(file)],
      // Its guides come from a server of its maker, and its exit code says "found something", which is for us to judge.
      ...['--quiet', '--compact', '--skip-download', '--soft-fail'],
      ...['--file', ...scanned.context.templatePaths],
    ]),
  );
  if (report.kind === 'failed') return { kind: 'skipped', scanner, why: report.why };
  const { results } = report.json as CheckovReport;
  const findings = results.failed_checks.flatMap(({ check_id, check_name, file_path, resource }) =>
    scanned.locate(resourceIn(file_path, resource.split('.').at(-1) ?? ''), {
      scanner,
      rule: check_id,
      words: check_name,
    }),
  );
  return { kind: 'ran', scanner, findings };
}

type Report =
  { readonly kind: 'read'; readonly json: unknown } | { readonly kind: 'failed'; readonly why: string };

/** Runs a scanner that writes its report to a file of that name. */
async function reportOf(
  name: string,
  run: (file: string) => Promise<{ readonly output: string }>,
): Promise<Report> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-scan-'));
  const file = path.join(folder, name);
  const { output } = await run(file);
  const report: Report = existsSync(file)
    ? { kind: 'read', json: JSON.parse(readFileSync(file, 'utf8')) as unknown }
    : { kind: 'failed', why: lastLine(output) };
  rmSync(folder, { recursive: true });
  return report;
}

const lastLine = (output: string): string => output.trim().split('\n').at(-1) ?? 'it printed nothing';
