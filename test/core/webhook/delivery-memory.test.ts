import { createDeliveryMemory } from '../../../lib/core/webhook/delivery-memory.js';

describe('a delivery memory', () => {
  it('counts tries until the message is done with, then knows it', () => {
    const memory = createDeliveryMemory(10);
    expect(memory.begin('a', 100, 0)).toEqual({ isHandled: false, tries: 1 });
    expect(memory.begin('a', 100, 1)).toEqual({ isHandled: false, tries: 2 });
    memory.complete('a');
    expect(memory.begin('a', 100, 2)).toEqual({ isHandled: true, tries: 3 });
  });

  it('never holds more than its number', () => {
    const memory = createDeliveryMemory(3);
    for (let index = 0; index < 100; index += 1) memory.begin(String(index), 1_000, index);
    expect(memory.size).toBe(3);
    expect(memory.begin('99', 1_000, 100).tries).toBe(2);
  });

  it('lets go of what would not be let in any more', () => {
    const memory = createDeliveryMemory(100);
    memory.begin('a', 10, 0);
    memory.begin('b', 10, 0);
    memory.begin('c', 50, 11);
    expect(memory.size).toBe(1);
  });

  it('takes the end of what it has forgotten calmly', () => {
    const memory = createDeliveryMemory(1);
    memory.begin('a', 10, 0);
    memory.begin('b', 10, 0);
    memory.complete('a');
    expect(memory.begin('a', 10, 0).isHandled).toBe(false);
  });
});
