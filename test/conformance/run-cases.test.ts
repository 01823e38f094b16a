import { createClients } from './clients.js';
import { caseGroup, type CaseDeclaration } from './conformance-case.js';
import { same } from './fixtures/expectations.js';
import { printMatrix } from './matrix.js';
import { runCases } from './run-cases.js';

const PAGE = 'https://docs.aws.amazon.com/index.html';

const setup = async (run: CaseDeclaration['run']) => {
  const cases = caseGroup('sqs.sample', { 'it holds': { page: PAGE, timeoutMs: 50, run } });
  const clients = createClients({ transport: 'sdk-default' }, { endpoint: 'http://127.0.0.1:9' });
  const outcomes = await runCases(cases, { clients, advance: undefined, concurrency: 2, patience: 1 });
  clients.destroy();
  return { cases, outcomes, outcome: outcomes.get('sqs.sample/it-holds') };
};

describe('runCases', () => {
  it('passes a case that ends', async () => {
    const { outcome } = await setup(() => Promise.resolve());
    expect(outcome).toEqual({ kind: 'pass' });
  });

  it('fails a case with what was got and expected', async () => {
    const { outcome } = await setup(() => Promise.resolve().then(() => same(1, 2, 'count')));
    expect(outcome).toEqual({ kind: 'fail', reason: 'count: got 1, expected 2' });
  });

  it('compares objects whatever the order of their members', async () => {
    const { outcome } = await setup(() =>
      Promise.resolve().then(() => same({ a: 1, b: [2] }, { b: [2], a: 1 }, 'value')),
    );
    expect(outcome?.kind).toBe('pass');
  });

  it('fails a case that does not end, and marks it as interrupted', async () => {
    const { outcome } = await setup(() => new Promise(() => undefined));
    expect(outcome).toMatchObject({ kind: 'fail', interrupted: true });
  });

  it('says unsupported to an operation the engine does not know', async () => {
    const unknown = Object.assign(new Error('no such action'), { name: 'UnknownOperationException' });
    const { outcome } = await setup(() => Promise.reject(unknown));
    expect(outcome?.kind).toBe('unsupported');
  });

  it('takes away what a failing case made, last first', async () => {
    const undone: string[] = [];
    await setup((context) => {
      for (const name of ['first', 'second']) context.cleanUp(() => Promise.resolve(undone.push(name)));
      return Promise.reject(new Error('boom'));
    });
    expect(undone).toEqual(['second', 'first']);
  });
});

describe('printMatrix', () => {
  it('lists a case our column fails, with its page and reason', async () => {
    const { cases, outcomes } = await setup(() => Promise.reject(new Error('boom')));
    const report = { kind: 'ran', name: 'ours', version: '1', seconds: 1, outcomes } as const;
    const printed = printMatrix(cases, [report], 'ours');
    expect(printed).toContain(`[x] sqs.sample/it-holds\n        ${PAGE}\n        ours: Error: boom`);
  });
});
