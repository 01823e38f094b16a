import { request } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { settledWithin } from './settled-within.js';

/** What the agent answered. */
export type AgentAnswer =
  | { readonly kind: 'done' }
  /** `code` is the reason that ECS names, such as `TASK_NOT_VALID` or `AccessDeniedException`, or that of the connection. */
  | { readonly kind: 'failed'; readonly code: string };

/** An answer takes the agent well under a second. */
const ANSWER_MS = 5_000;
const PATH = '/task-protection/v1/state';

/**
 * The endpoint of the ECS agent that protects the task this process runs in from being scaled in and from deployments.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 */
export class TaskAgent {
  readonly #url: string;
  readonly #clock: Clock;

  /** @param agentUri what ECS puts into `ECS_AGENT_URI` */
  constructor(agentUri: string, clock: Clock) {
    this.#url = agentUri.replace(/\/$/, '') + PATH;
    this.#clock = clock;
  }

  /** Protects the task for so many minutes (1-2880), or no more. Never rejects. */
  async protect(minutes: number | undefined): Promise<AgentAnswer> {
    const body =
      minutes === undefined
        ? { ProtectionEnabled: false }
        : { ProtectionEnabled: true, ExpiresInMinutes: minutes };
    const over = new AbortController();
    const answer = put(this.#url, JSON.stringify(body), over.signal).then(readAnswer, failureOf);
    const end = await settledWithin(this.#clock, ANSWER_MS, answer);
    if (end === 'late') over.abort();
    return end === 'late' ? { kind: 'failed', code: 'Timeout' } : answer;
  }
}

interface Response {
  readonly status: number;
  readonly text: string;
}

function put(url: string, body: string, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(url, { method: 'PUT', headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** `{ protection }`, or `{ failure: { Reason } }`, or `{ error: { Code } }`. */
function readAnswer({ status, text }: Response): AgentAnswer {
  const { failure, error } = parse(text);
  const code = failure?.Reason ?? error?.Code;
  if (code !== undefined) return { kind: 'failed', code };
  return status >= 200 && status < 300 ? { kind: 'done' } : { kind: 'failed', code: `HTTP ${status}` };
}

function parse(text: string): {
  readonly failure?: { readonly Reason?: string };
  readonly error?: { readonly Code?: string };
} {
  try {
    return (JSON.parse(text) ?? {}) as ReturnType<typeof parse>;
  } catch {
    return {}; // the status tells enough
  }
}

function failureOf(error: unknown): AgentAnswer {
  const { code } = error as { readonly code?: unknown };
  return { kind: 'failed', code: typeof code === 'string' ? code : 'Unreachable' };
}
