/** Runs every scanner on every construct under every posture: `npm run scanners`. */
import { ACKNOWLEDGEMENTS } from './acknowledgements.js';
import { judge, type Finding } from './findings.js';
import { NPM_SCANNERS, scanWithNpm } from './npm-scanners.js';
import { scanWithPython, type ScannerOutcome } from './python-scanners.js';
import { ScannedApp } from './scanned-app.js';

const scanned = new ScannedApp();
const found = scanWithNpm(scanned);
const outcomes: readonly ScannerOutcome[] = [
  ...NPM_SCANNERS.map((scanner) => ({
    kind: 'ran' as const,
    scanner,
    findings: found.filter((finding) => finding.scanner === scanner),
  })),
  ...(await scanWithPython(scanned)),
];
const ran = outcomes.filter((outcome) => outcome.kind === 'ran');
const { unexplained, unused } = judge(
  ran.flatMap(({ findings }) => findings),
  ACKNOWLEDGEMENTS,
  ran.map(({ scanner }) => scanner),
);

for (const outcome of outcomes) process.stdout.write(`${lineOf(outcome)}\n`);
for (const finding of unexplained) process.stdout.write(`unexplained: ${inWords(finding)}\n`);
for (const row of unused) process.stdout.write(`acknowledged, but no longer found: ${row}\n`);
process.exitCode = unexplained.length + unused.length === 0 ? 0 : 1;

function lineOf(outcome: ScannerOutcome): string {
  const name = outcome.scanner.padEnd(24);
  if (outcome.kind === 'skipped') return `skipped  ${name} ${outcome.why}`;
  const bad = unexplained.filter(({ scanner }) => scanner === outcome.scanner).length;
  return `${bad === 0 ? 'ok      ' : 'FAIL    '} ${name} ${outcome.findings.length} findings, ${bad} of them unexplained`;
}

function inWords({ scanner, rule, posture, construct, resource, words }: Finding): string {
  return `${scanner} ${rule} on ${resource} of '${construct}', ${posture}: ${words}`;
}
