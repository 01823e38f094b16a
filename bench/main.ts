import { parseArgs } from 'node:util';
import { EMULATOR } from './emulator/parts.js';
import { formatJson, formatTable, type Figure } from './figures.js';
import { describeMachine } from './machine.js';
import { QUEUE } from './queue/parts.js';
import { SYNTH } from './synth/parts.js';
import type { Subject } from './subject.js';

const SUBJECTS: readonly Subject[] = [EMULATOR, QUEUE, SYNTH];
const MIN_RUNS = 5;

const help = (): string =>
  [
    'npm run bench -- <subject> [--only <part>[,<part>]] [--case <text>] [--runs <n>] [--json]',
    '',
    ...SUBJECTS.flatMap(({ name, what, parts }) => [
      `${name}: ${what}`,
      ...parts.map((part) => `  --only ${part.name.padEnd(10)} ${part.what}`),
    ]),
    '',
    '--case <text>  only the cases whose name has this text in it (emulator: sqs, kinesis; queue: consume, peers, publish; synth: cjs, esm)',
    `--runs <n>     runs of each case after one to warm up, at least ${MIN_RUNS}; default ${MIN_RUNS}`,
    '--minutes <n>  how long a part runs that runs by time (queue: memory, memory-lease)',
    '--messages <n> after how many messages such a part ends instead',
    '--json         one JSON object per figure and line instead of the table',
    '',
    'Rates by CPU time stand beside rates by wall time: on a busy machine only the former say what the code costs.',
  ].join('\n');

const refuse = (reason: string): number => {
  process.stderr.write(`${reason}\n\n${help()}\n`);
  return 2;
};

const numberIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      case: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      messages: { type: 'string' },
      minutes: { type: 'string' },
      only: { type: 'string' },
      runs: { type: 'string', default: String(MIN_RUNS) },
    },
  });
  if (values.help) {
    process.stdout.write(`${help()}\n`);
    return 0;
  }
  const subject = SUBJECTS.find(({ name }) => name === positionals[0]);
  if (subject === undefined || positionals.length > 1)
    return refuse(`name one subject of: ${SUBJECTS.map(({ name }) => name).join(', ')}`);
  const only = values.only?.split(',') ?? subject.parts.map(({ name }) => name);
  const strange = only.find((name) => !subject.parts.some((part) => part.name === name));
  if (strange !== undefined) return refuse(`${subject.name} has no part '${strange}'`);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < MIN_RUNS)
    return refuse(`--runs is a whole number from ${MIN_RUNS}, got '${values.runs}'`);
  const length = { minutes: numberIn(values.minutes), messages: numberIn(values.messages) };
  for (const [name, value] of Object.entries(length))
    if (Number.isNaN(value) || (value ?? 1) <= 0)
      return refuse(`--${name} is a number above 0, got '${value}'`);
  process.stderr.write(`${describeMachine()}\n`);
  const figures: Figure[] = [];
  for (const part of subject.parts) {
    if (!only.includes(part.name)) continue;
    const isWanted = (name: string): boolean => name.includes(values.case);
    for await (const figure of part.measure({ runs, isWanted, ...length })) {
      figures.push(figure);
      if (values.json) process.stdout.write(`${formatJson(figure)}\n`);
      else process.stderr.write(`${figure.part}: ${figure.name}\n`);
    }
  }
  if (!values.json) process.stdout.write(`${formatTable(figures)}\n`);
  return 0;
}

process.exitCode = await main();
