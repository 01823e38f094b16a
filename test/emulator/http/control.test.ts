import { createCallLog } from '../../../lib/emulator/calls.js';
import { createFaults } from '../../../lib/emulator/faults.js';
import { answerControl } from '../../../lib/emulator/http/control.js';
import { setupSns } from '../sns/setup.js';

function setup() {
  const sns = setupSns();
  const parts = { calls: createCallLog(), faults: createFaults({ next: () => 0.5 }), sns: sns.engine };
  const ask = (method: string, path: string, body = '') => {
    const answer = answerControl(path, { method, path: `/_millrace/${path}`, headers: {}, body }, parts);
    return { status: answer.status, body: JSON.parse(answer.body as string) as unknown };
  };
  return { sns, ask };
}

test('shows what left AWS for good', () => {
  const { sns, ask } = setup();
  sns.call('Publish', { PhoneNumber: '+15550100', Message: 'hello' });
  expect(ask('GET', 'outbox')).toMatchObject({
    status: 200,
    body: [{ protocol: 'sms', endpoint: '+15550100', text: 'hello' }],
  });
});

test('replaces and shows the telephone numbers that opted out', () => {
  const { sns, ask } = setup();
  expect(ask('PUT', 'opted-out', '["+15550100"]')).toEqual({ status: 200, body: ['+15550100'] });
  expect(sns.engine.optedOut()).toEqual(['+15550100']);
  expect(ask('PUT', 'opted-out', '[]')).toEqual({ status: 200, body: [] });
  expect(ask('GET', 'opted-out')).toEqual({ status: 200, body: [] });
});

test.each(['{}', '["0555"]', '[1]', 'no JSON'])('rejects %s as telephone numbers', (body) => {
  const { sns, ask } = setup();
  expect(ask('PUT', 'opted-out', body).status).toBe(400);
  expect(sns.engine.optedOut()).toEqual([]);
});
