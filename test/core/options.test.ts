import fc from 'fast-check';
import {
  choiceViolations,
  nearestName,
  numberViolations,
  textViolations,
  unknownNames,
} from '../../lib/core/options.js';

const KNOWN = ['concurrency', 'handlers', 'drainTimeoutSeconds'];

describe('unknownNames', () => {
  it('names the nearest right name of a misspelt option', () => {
    expect(unknownNames({ concurency: 3, handlers: [] }, KNOWN)).toEqual([
      "'concurency' is no option: did you mean 'concurrency'?",
    ]);
  });

  it('lists the known names when none is near', () => {
    expect(unknownNames({ colour: 1 }, KNOWN)[0]).toContain('known options are concurrency, handlers');
  });

  it('puts the prefix before nested names', () => {
    expect(unknownNames({ bas: 1 }, ['base'], 'retry.')).toEqual([
      "'retry.bas' is no option: did you mean 'retry.base'?",
    ]);
  });

  it('accepts exactly the known names', () => {
    fc.assert(
      fc.property(fc.subarray(KNOWN), (names) => {
        expect(unknownNames(Object.fromEntries(names.map((name) => [name, 1])), KNOWN)).toEqual([]);
      }),
    );
  });
});

describe('numberViolations', () => {
  const bounds = { min: 1, max: 10, whole: true, unit: 'messages' };

  it.each([1, 10, 5])('accepts %p', (value) => {
    expect(numberViolations('slots', value, bounds)).toEqual([]);
  });

  it.each([0, 11, 1.5, NaN, -1, '5', null, undefined, Infinity])('rejects %p', (value) => {
    expect(numberViolations('slots', value, bounds)).toEqual([
      expect.stringContaining('slots must be a whole number from 1 to 10 (messages), got'),
    ]);
  });
});

describe('choiceViolations and textViolations', () => {
  it('offers the nearest choice', () => {
    expect(choiceViolations('mode', 'leese', ['lease', 'none'])).toEqual([
      "mode must be one of lease, none, got 'leese': did you mean 'lease'?",
    ]);
  });

  it('rejects empty text and shows at most 80 characters of what it got', () => {
    expect(textViolations('name', '')).toHaveLength(1);
    expect(choiceViolations('mode', 'x'.repeat(500), ['lease'])[0]).not.toContain('x'.repeat(81));
  });
});

describe('nearestName', () => {
  it('finds a name back from any one-character slip', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 }), (position) => {
        const slip = `concurrency`.slice(0, position) + 'q' + `concurrency`.slice(position + 1);
        expect(nearestName(slip, KNOWN)).toBe('concurrency');
      }),
    );
  });
});
