import { decideHealth, type HealthSigns } from '../../../lib/core/delivery/health.js';

const running: HealthSigns = {
  phase: 'running',
  now: 1_000_000,
  failedPolls: 0,
  failedDeletes: 0,
  pollAgeMs: 5_000,
  pollWaitMs: 20_000,
  timerLateMs: 0,
  handling: 0,
  activeAt: 995_000,
  breaker: { kind: 'closed' },
};
const open = { kind: 'open', until: 1_004_000, pauseMs: 5_000, failureShare: 0.9 } as const;
const silent = { ...running, pollAgeMs: undefined, activeAt: 960_000 };

describe('decideHealth', () => {
  it.each<[string, HealthSigns, object]>([
    ['an idle queue with its poll open', { ...running, activeAt: 980_001 }, { status: 'working' }],
    ['all slots busy and no poll open', { ...silent, handling: 10 }, { status: 'working' }],
    ['two failed polls', { ...running, failedPolls: 2 }, { status: 'working' }],
    [
      'three failed polls',
      { ...running, failedPolls: 3 },
      { status: 'failing', failedPolls: 3, failedDeletes: 0 },
    ],
    ['a delete that failed twice', { ...running, failedDeletes: 2 }, { status: 'working' }],
    [
      'a delete that failed three times',
      { ...running, failedDeletes: 3 },
      { status: 'failing', failedPolls: 0, failedDeletes: 3 },
    ],
    ['a poll at its very end', { ...running, pollAgeMs: 50_000 }, { status: 'working' }],
    [
      'a poll that never comes back',
      { ...running, pollAgeMs: 50_001 },
      { status: 'stuck', cause: 'poll', forMs: 50_001 },
    ],
    [
      'a timer that does not fire',
      { ...running, timerLateMs: 31_000, handling: 3 },
      { status: 'stuck', cause: 'timer', forMs: 31_000 },
    ],
    [
      'nothing open, nothing running, nothing happening',
      silent,
      { status: 'stuck', cause: 'silence', forMs: 40_000 },
    ],
    [
      'receiving stopped',
      { ...silent, breaker: open },
      { status: 'paused', failureShare: 0.9, retryInMs: 4_000 },
    ],
    [
      'receiving probed',
      { ...running, breaker: { kind: 'half-open', since: 999_000, pauseMs: 5_000, failureShare: 0.9 } },
      { status: 'paused', failureShare: 0.9, retryInMs: 0 },
    ],
    ['not started', { ...running, phase: 'idle' }, { status: 'idle' }],
    ['stopping', { ...running, phase: 'draining', failedPolls: 9 }, { status: 'draining' }],
  ])('tells %s', (_case, signs, health) => {
    expect(decideHealth(signs)).toEqual(health);
  });
});
