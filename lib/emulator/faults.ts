import type { Random } from '../core/clock.js';
import { refuseAll } from '../core/errors.js';
import type { Hazard } from './engine.js';
import type { ApiService } from './http/route.js';

/** When a call that goes wrong had its effect: `before` it was refused and did nothing, `after` it did its work. */
export type FaultMoment = 'before' | 'after';

/** What can be made to go wrong with a call. */
export type FaultEffect =
  /** The service's own throttling answer. */
  | { readonly kind: 'throttle' }
  /** A share (0 to 1) of a batch's entries is refused, the others are done. Calls without entries go through. */
  | { readonly kind: 'throttle-entries'; readonly share: number }
  /** An internal failure, status 500. */
  | { readonly kind: 'error'; readonly when: FaultMoment }
  /** No answer: the client runs into its own timeout. */
  | { readonly kind: 'silence'; readonly when: FaultMoment }
  /** The connection is reset: before any byte of the answer, or after some of its bytes. */
  | { readonly kind: 'reset'; readonly when: FaultMoment; readonly afterBytes?: number }
  /** The answer comes, so much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /**
   * The service's clock is off by so many milliseconds, either way: its answers bear that time, and what was signed more
   * than five minutes (for S3: fifteen) from it is refused as AWS does. A client that sets its clock by the answer gets on.
   */
  | { readonly kind: 'skewed-clock'; readonly skewMs: number }
  /** A read answers what was true when this effect last struck the same question; the first time, the truth. */
  | { readonly kind: 'stale' }
  /** GetRecords answers no records and the same place again, though there are some. */
  | { readonly kind: 'empty-page' }
  /** SQS or SNS does what it may do within its promises: duplicates, reorders, misses, forgets. */
  | { readonly kind: 'hazard'; readonly hazard: Hazard };

/** Which calls go wrong, how often, and how. */
export interface FaultRule {
  /** @default - every service */
  readonly service?: ApiService;
  /** @default - every operation */
  readonly operation?: string;
  /** Only calls that mention this text: the name, URL or ARN of a queue, topic, stream or table, an object's key. @default - any */
  readonly resource?: string;
  /** Chance, 0 to 1, that a call the rule fits goes wrong. @default 1 */
  readonly probability?: number;
  /** How many fitting calls go well before the rule begins. @default 0 */
  readonly skip?: number;
  /** How often the rule strikes before it is used up. @default - for ever */
  readonly times?: number;
  /** What goes wrong. */
  readonly effect: FaultEffect;
}

/** Makes calls go wrong, by rules that can be changed at any time. No rules, no faults: that is how it starts. */
export interface Faults {
  /** Replaces all rules. @throws {INVALID_OPTIONS} naming every rule that makes no sense */
  set(rules: readonly FaultRule[]): void;
  /** Takes all rules away. */
  clear(): void;
  /** The rules in force. */
  readonly rules: readonly FaultRule[];
  /** How many calls were made to go wrong, by kind of effect. */
  readonly injected: Readonly<Record<string, number>>;
}

/** A call, as far as rules look at it. */
export interface FaultTarget {
  readonly service: ApiService;
  readonly operation: string;
  /** The text of the request; of S3, bucket and key. */
  readonly request: string;
}

/** Faults, and the question every call asks them. */
export interface DecidingFaults extends Faults {
  /** What is to go wrong with a call: the first rule that fits and strikes decides. */
  decide(target: FaultTarget): FaultEffect | undefined;
}

interface ActiveRule {
  readonly rule: FaultRule;
  fitted: number;
  struck: number;
}

/** Makes faults that draw their chances from `random`: seeded, a run can be repeated. */
export function createFaults(random: Random): DecidingFaults {
  let active: readonly ActiveRule[] = [];
  const injected = new Map<string, number>();
  return {
    set: (rules) => {
      refuseAll("these faults can't be set", rules.flatMap(ruleViolations));
      active = rules.map((rule) => ({ rule: Object.freeze({ ...rule }), fitted: 0, struck: 0 }));
    },
    clear: () => {
      active = [];
    },
    get rules() {
      return active.map(({ rule }) => rule);
    },
    get injected() {
      return Object.fromEntries(injected);
    },
    decide: (target) => {
      const struck = active.find((candidate) => strikes(candidate, target, random));
      if (struck === undefined) return undefined;
      const { effect } = struck.rule;
      injected.set(effect.kind, (injected.get(effect.kind) ?? 0) + 1);
      return effect;
    },
  };
}

function strikes(active: ActiveRule, target: FaultTarget, random: Random): boolean {
  const { service, operation, resource, probability = 1, skip = 0, times = Infinity } = active.rule;
  const fits =
    (service === undefined || service === target.service) &&
    (operation === undefined || operation === target.operation) &&
    (resource === undefined || target.request.includes(resource));
  if (!fits || active.struck >= times) return false;
  active.fitted += 1;
  if (active.fitted <= skip) return false;
  if (probability < 1 && random.next() >= probability) return false;
  active.struck += 1;
  return true;
}

const EFFECT_KINDS: ReadonlySet<string> = new Set<FaultEffect['kind']>([
  'throttle',
  'throttle-entries',
  'error',
  'silence',
  'reset',
  'slow',
  'skewed-clock',
  'stale',
  'empty-page',
  'hazard',
]);
const SERVICES: ReadonlySet<string> = new Set<ApiService>(['sqs', 'sns', 'kinesis', 's3', 'dynamodb']);

/** Rules come over HTTP too, so nothing about them is certain. */
function ruleViolations(rule: FaultRule, index: number): string[] {
  const where = `rule ${index + 1}`;
  const violations: string[] = [];
  const { service, effect, probability } = rule;
  if (service !== undefined && !SERVICES.has(service))
    violations.push(`${where}: service is one of ${[...SERVICES].join(', ')}, got '${service}'`);
  const kind = (effect as Partial<FaultEffect> | undefined)?.kind;
  if (kind === undefined || !EFFECT_KINDS.has(kind))
    violations.push(`${where}: effect.kind is one of ${[...EFFECT_KINDS].join(', ')}`);
  if (probability !== undefined && !(probability >= 0 && probability <= 1))
    violations.push(`${where}: probability lies between 0 and 1, got ${String(probability)}`);
  return violations;
}
