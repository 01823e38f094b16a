import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Terminal } from '../../bin/command.js';
import { runCommandLine } from '../../bin/command-line.js';
import { removeTemporaryFolders, temporaryFolder, writeAssembly } from '../local/mini-assembly.js';

const STREAM_BINDING = {
  v: 1,
  kind: 'stream',
  name: 'Flights',
  region: 'eu-west-1',
  arn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/flights',
  streamName: 'flights',
  record: { name: "flight's.landed", version: 1 },
  maxRecordBytes: 1_048_576,
  retentionHours: 24,
};

interface Setup {
  readonly run: (...args: string[]) => Promise<number>;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves when people were told something with these words in it. */
  readonly whenSaid: (words: string) => Promise<void>;
  readonly stop: AbortController;
}

function setup(): Setup {
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  const stop = new AbortController();
  const whenSaid = (words: string): Promise<void> =>
    new Promise((resolve) => {
      listeners.add(() => {
        if (err.includes(words)) resolve();
      });
    });
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
      for (const listener of listeners) listener();
    },
    environment: {},
    signal: stop.signal,
  };
  return { run: (...args) => runCommandLine(args, terminal), out: () => out, err: () => err, whenSaid, stop };
}

afterAll(removeTemporaryFolders);

describe('millrace', () => {
  it('shows its commands without arguments, and its version', async () => {
    const { run, out } = setup();
    expect(await run()).toBe(0);
    expect(out()).toMatch(/^Usage: millrace <command>.*local.*deploy.*bindings.*topology/s);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const asked = setup();
    expect(await asked.run('--version')).toBe(0);
    expect(asked.out()).toBe(`${version}\n`);
  });

  it.each(['local', 'deploy', 'bindings', 'topology'])('shows the options of %s', async (command) => {
    const { run, out } = setup();
    expect(await run(command, '--help')).toBe(0);
    expect(out()).toContain(`Usage: millrace ${command} [options]`);
  });

  it('rejects an unknown command with the nearest one', async () => {
    const { run, err } = setup();
    expect(await run('topolgy')).toBe(2);
    expect(err()).toContain("'topolgy' is no command: did you mean 'topology'?");
  });

  it('rejects everything that is wrong with the options at once', async () => {
    const { run, err, out } = setup();
    expect(await run('deploy', '--asembly', 'x', '--region', 'a', '--region', 'b', '--json=yes')).toBe(2);
    expect(err().split('\n')).toEqual([
      "millrace: '--asembly' is no option of 'deploy': did you mean '--assembly'?",
      "millrace: 'x' is not expected: values belong to an option",
      'millrace: --region can be given once only',
      "millrace: --json takes no value, got 'yes'",
      'millrace: --endpoint is needed: --endpoint <url>',
      "see 'millrace deploy --help'",
      '',
    ]);
    expect(out()).toBe('');
  });

  it('tells a failure in one line, with its code', async () => {
    const { run, err } = setup();
    const nowhere = path.join(temporaryFolder(), 'cdk.out');
    expect(await run('topology', '--assembly', nowhere)).toBe(1);
    expect(err()).toMatch(/^millrace topology: .*manifest\.json: can't be read; .* \(ASSEMBLY_INVALID\)\n$/);
  });
});

describe('millrace bindings', () => {
  const writeOutputs = (outputs: unknown): string => {
    const file = path.join(temporaryFolder(), 'outputs.json');
    writeFileSync(file, JSON.stringify(outputs));
    return file;
  };

  it('prints the bindings among the outputs as lines for a shell, and passes other outputs by', async () => {
    const { run, out } = setup();
    const outputs = {
      flights: { Binding: JSON.stringify(STREAM_BINDING), Url: 'https://example.com', Json: '{"a":1}' },
    };
    expect(await run('bindings', '--outputs', writeOutputs(outputs))).toBe(0);
    const [, value = ''] = /^MILLRACE_STREAM_FLIGHTS='([^']*)'\n$/.exec(out()) ?? [];
    expect(JSON.parse(value)).toEqual(STREAM_BINDING);
  });

  it('fails when there is none, and says how to get one', async () => {
    const { run, err } = setup();
    expect(await run('bindings', '--outputs', writeOutputs({ flights: {} }))).toBe(1);
    expect(err()).toContain('add a BindingOutputs');
  });

  it('rejects a file of another shape', async () => {
    const { run, err } = setup();
    expect(await run('bindings', '--outputs', writeOutputs(['x']))).toBe(2);
    expect(err()).toContain('holds no outputs by stack');
  });
});

describe('millrace topology', () => {
  it('writes the drawing where it was asked to', async () => {
    const { run, err, out } = setup();
    const assembly = writeAssembly({ s: { template: { Resources: { Q: { Type: 'AWS::SQS::Queue' } } } } });
    const file = path.join(temporaryFolder(), 'topology.svg');
    expect(await run('topology', '--assembly', assembly, '--out', file)).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^<svg /);
    expect([err(), out()]).toEqual([`${file}: 1 nodes, 0 edges\n`, '']);
  });
});

describe('millrace local', () => {
  it('serves what the app says until it is stopped, and hands out an environment', async () => {
    const { run, err, whenSaid, stop } = setup();
    const stream = { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } };
    const assembly = writeAssembly({ s: { template: { Resources: { Flights: stream } } } });
    const file = path.join(temporaryFolder(), '.env');

    const running = run('local', '--assembly', assembly, '--port', '0', '--write-env', file);
    await Promise.race([whenSaid('ready'), running]);
    const [, endpoint = ''] = /listening on (\S+)/.exec(err()) ?? [];
    expect(readFileSync(file, 'utf8')).toContain(`AWS_ENDPOINT_URL='${endpoint}'`);
    stop.abort();

    expect(await running).toBe(0);
    await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
  });

  it('rejects a port that is none', async () => {
    const { run, err } = setup();
    expect(await run('local', '--port', '99999')).toBe(2);
    expect(err()).toContain('--port must be a whole number from 0 to 65535');
  });
});
