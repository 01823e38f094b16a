import { Witnesses } from '../../../lib/core/delivery/witnesses.js';

const setup = (failed: readonly (string | number)[]) => {
  const witnesses = new Witnesses(3);
  for (const message of failed) witnesses.observe('failed', message);
  return witnesses;
};

describe('the witnesses of an outage', () => {
  it('are the different messages that failed, however often each did', () => {
    expect([setup(['a', 'a', 'b', 'a']).areMany, setup(['a', 'b', 'c']).areMany]).toEqual([false, true]);
  });

  it('are forgotten once a handler succeeds, and not for one that says nothing', () => {
    const witnesses = setup(['a', 'b', 'c']);
    witnesses.observe('silent', 'd');
    expect(witnesses.areMany).toBe(true);
    witnesses.observe('succeeded', 'a');
    expect(witnesses.count).toBe(0);
  });

  it('are counted no further than is enough', () => {
    expect(setup(['a', 'b', 'c', 'd', 'e']).count).toBe(3);
  });
});
