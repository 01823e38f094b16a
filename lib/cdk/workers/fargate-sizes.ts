import { Token } from 'aws-cdk-lib';
import { show } from '../bounds.js';

interface MemoryRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/**
 * Memory in MiB that Fargate has for each number of CPU units.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const MEMORY_BY_CPU: ReadonlyMap<number, MemoryRange> = new Map([
  [256, { min: 512, max: 2_048, step: 512 }],
  [512, { min: 1_024, max: 4_096, step: 1_024 }],
  [1_024, { min: 2_048, max: 8_192, step: 1_024 }],
  [2_048, { min: 4_096, max: 16_384, step: 1_024 }],
  [4_096, { min: 8_192, max: 30_720, step: 1_024 }],
  [8_192, { min: 16_384, max: 61_440, step: 4_096 }],
  [16_384, { min: 32_768, max: 122_880, step: 8_192 }],
]);

/** What is wrong with a task's size. Tokens pass: their value is known at deployment only. */
export function memoryViolations(cpu: number, memoryLimitMiB: number): string[] {
  if (Token.isUnresolved(cpu)) return [];
  const range = MEMORY_BY_CPU.get(cpu);
  if (range === undefined) {
    return [`cpu must be one of ${[...MEMORY_BY_CPU.keys()].join(', ')}, got ${show(cpu)}`];
  }
  if (Token.isUnresolved(memoryLimitMiB) || isIn(range, memoryLimitMiB)) return [];
  // 1536 MiB is not in the table of 256 units: 0.5, 1 and 2 GB are.
  const words = cpu === 256 ? '512, 1024 or 2048' : `${range.min} to ${range.max} in steps of ${range.step}`;
  return [`memoryLimitMiB must be ${words} for ${cpu} CPU units, got ${show(memoryLimitMiB)}`];
}

const isIn = ({ min, max, step }: MemoryRange, value: number): boolean =>
  value >= min && value <= max && value % step === 0 && value !== 1_536;
