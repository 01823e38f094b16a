import { Isolation } from '../../../lib/emulator/dynamodb/isolation.js';

/** Work that ends when it is told to, and a diary of what began and ended. */
function setup() {
  const isolation = new Isolation();
  const diary: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      diary.push(`begin ${name}`);
      ends.set(name, () => {
        diary.push(`end ${name}`);
        resolve();
      });
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { isolation, diary, work, settle, end: (name: string) => ends.get(name)?.() };
}

describe('Isolation', () => {
  it('runs shared work side by side', async () => {
    const { isolation, diary, work, end } = setup();
    const both = [isolation.shared(work('a')), isolation.shared(work('b'))];

    expect(diary).toEqual(['begin a', 'begin b']);
    end('a');
    end('b');
    await Promise.all(both);
  });

  it('runs exclusive work alone, and in line', async () => {
    const { isolation, diary, work, end, settle } = setup();
    const all = [
      isolation.shared(work('read')),
      isolation.exclusive(work('transaction')),
      isolation.shared(work('late read')),
    ];
    await settle();
    end('read');
    await settle();
    end('transaction');
    await settle();
    end('late read');
    await Promise.all(all);

    expect(diary).toEqual([
      'begin read',
      'end read',
      'begin transaction',
      'end transaction',
      'begin late read',
      'end late read',
    ]);
  });

  it('goes on after work that failed', async () => {
    const { isolation } = setup();
    const failing = isolation.exclusive(() => Promise.reject(new Error('failed')));

    await expect(failing).rejects.toThrow('failed');
    await expect(isolation.shared(() => Promise.resolve('next'))).resolves.toBe('next');
  });
});
