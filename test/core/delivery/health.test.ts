import { decideHealth, type HealthSigns } from '../../../lib/core/delivery/health.js';

const running: HealthSigns = { phase: 'running', failedPolls: 0, pollAgeMs: 5_000, pollWaitMs: 20_000 };

describe('decideHealth', () => {
  it.each([
    ['an idle queue with its poll open is working', running, 'working'],
    ['all slots busy and no poll open is working', { ...running, pollAgeMs: undefined }, 'working'],
    ['two failed polls are working', { ...running, failedPolls: 2 }, 'working'],
    ['three failed polls are failing', { ...running, failedPolls: 3 }, 'failing'],
    ['a poll at its very end is working', { ...running, pollAgeMs: 50_000 }, 'working'],
    ['a poll that never comes back is stuck', { ...running, pollAgeMs: 50_001 }, 'stuck'],
    ['not started is idle', { ...running, phase: 'idle' as const }, 'idle'],
    ['stopping is draining', { ...running, phase: 'draining' as const, failedPolls: 9 }, 'draining'],
  ])('%s', (_case, signs, status) => {
    expect(decideHealth(signs)).toMatchObject({ status });
  });
});
