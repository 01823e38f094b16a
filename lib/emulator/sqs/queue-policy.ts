import { isRecord } from '../structures/call-input.js';

/** One statement of a resource policy, its lists made uniform. */
export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  /** `*` for everyone, otherwise `Service:sns.amazonaws.com`, `AWS:…` */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly isNotAction: boolean;
  readonly resources: readonly string[];
  readonly conditions: readonly PolicyCondition[];
}

/** One line of a condition block. */
export interface PolicyCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Who asks for what, as a policy sees it. */
export interface PolicyRequest {
  /** `Service:sns.amazonaws.com` */
  readonly principal: string;
  /** `sqs:SendMessage` */
  readonly action: string;
  readonly resource: string;
  /** Condition keys, lower case, e.g. `aws:sourcearn`. */
  readonly context: Readonly<Record<string, string>>;
}

/** Reads a policy document; undefined when it is not a valid one. */
export function parsePolicy(text: string): readonly PolicyStatement[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || json['Statement'] === undefined) return undefined;
  const statements = asList(json['Statement']).map(readStatement);
  return statements.every((statement) => statement !== undefined) ? statements : undefined;
}

/** Allowed only by an Allow that matches, and by no Deny that matches: what is not granted is refused. */
export function isAllowed(policy: readonly PolicyStatement[], request: PolicyRequest): boolean {
  const matching = policy.filter((statement) => matches(statement, request));
  return (
    matching.some((statement) => statement.effect === 'Allow') &&
    !matching.some((statement) => statement.effect === 'Deny')
  );
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const asStrings = (value: unknown): readonly string[] | undefined => {
  const list = asList(value);
  return list.every((item): item is string => typeof item === 'string') ? list : undefined;
};

function readStatement(value: unknown): PolicyStatement | undefined {
  if (!isRecord(value)) return undefined;
  const effect = value['Effect'];
  const principals = readPrincipals(value['Principal']);
  const actions = asStrings(value['Action'] ?? value['NotAction']);
  const resources = asStrings(value['Resource'] ?? '*');
  const conditions = readConditions(value['Condition']);
  if (effect !== 'Allow' && effect !== 'Deny') return undefined;
  if (!principals || !actions || !resources || !conditions) return undefined;
  return {
    effect,
    principals,
    actions: actions.map((action) => action.toLowerCase()),
    isNotAction: value['Action'] === undefined,
    resources,
    conditions,
  };
}

function readPrincipals(value: unknown): readonly string[] | undefined {
  if (value === '*') return ['*'];
  if (!isRecord(value)) return undefined;
  return Object.entries(value).flatMap(([kind, names]) =>
    (asStrings(names) ?? []).map((name) => (kind === 'AWS' && name === '*' ? '*' : `${kind}:${name}`)),
  );
}

function readConditions(value: unknown): readonly PolicyCondition[] | undefined {
  if (value === undefined) return [];
  if (!isRecord(value)) return undefined;
  return Object.entries(value).flatMap(([operator, block]) =>
    Object.entries(isRecord(block) ? block : {}).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: asList(values).map(String),
    })),
  );
}

function matches(statement: PolicyStatement, request: PolicyRequest): boolean {
  const action = request.action.toLowerCase();
  const namesAction = statement.actions.some((pattern) => isLike(action, pattern));
  return (
    namesAction !== statement.isNotAction &&
    statement.principals.some((principal) => principal === '*' || principal === request.principal) &&
    statement.resources.some((pattern) => isLike(request.resource, pattern)) &&
    statement.conditions.every((condition) => isMet(condition, request, statement.effect))
  );
}

function isMet(condition: PolicyCondition, request: PolicyRequest, effect: 'Allow' | 'Deny'): boolean {
  const mayBeAbsent = condition.operator.endsWith('IfExists');
  const operator = condition.operator.replace(/IfExists$/, '');
  const actual = request.context[condition.key];
  if (operator === 'Null') return condition.values.includes(String(actual === undefined));
  const isNegated = operator.includes('Not');
  if (actual === undefined) return mayBeAbsent || isNegated;
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return condition.values.includes(actual);
    case 'StringNotEquals':
      return !condition.values.includes(actual);
    case 'StringEqualsIgnoreCase':
      return condition.values.some((value) => value.toLowerCase() === actual.toLowerCase());
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return condition.values.some((pattern) => isLike(actual, pattern));
    case 'StringNotLike':
    case 'ArnNotLike':
    case 'ArnNotEquals':
      return !condition.values.some((pattern) => isLike(actual, pattern));
    default:
      // An operator that is not evaluated here must never widen access: it fails an Allow and meets a Deny.
      return effect === 'Deny';
  }
}

/** IAM's wildcards: `*` for any text, `?` for one character. */
function isLike(text: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return text === pattern;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
