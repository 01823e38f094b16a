import { parseStatement } from '../../../lib/emulator/dynamodb/partiql-statement.js';

const statementOf = (text: string) => {
  const parsed = parseStatement(text);
  return parsed.kind === 'statement' ? parsed.statement : parsed.message;
};

describe('the PartiQL that is emulated', () => {
  it('reads an insert', () => {
    expect(statementOf(`INSERT INTO "jobs.a-b" VALUE {'pk': ?, 'it''s': ?}`)).toEqual({
      kind: 'insert',
      table: 'jobs.a-b',
      values: [
        { name: 'pk', parameter: 0 },
        { name: "it's", parameter: 1 },
      ],
    });
  });

  it('reads an update with its conditions, in either spelling of SET', () => {
    const expected = {
      kind: 'update',
      table: 'jobs',
      assignments: [
        { name: 'st', parameter: 0 },
        { name: 'ver', parameter: 1 },
      ],
      where: [
        { name: 'pk', operator: '=', parameter: 2 },
        { name: 'seq', operator: '<', parameter: 3 },
      ],
    };
    expect(statementOf('UPDATE "jobs" SET "st"=? SET "ver"=? WHERE "pk"=? AND "seq"<?')).toEqual(expected);
    expect(statementOf('update jobs set st = ?, ver = ? where pk = ? and seq < ?')).toEqual(expected);
  });

  it('reads a delete', () => {
    expect(statementOf('DELETE FROM jobs WHERE pk = ?')).toEqual({
      kind: 'delete',
      table: 'jobs',
      where: [{ name: 'pk', operator: '=', parameter: 0 }],
    });
  });

  it('counts the parameters', () => {
    expect(parseStatement('DELETE FROM jobs WHERE pk = ? AND ver = ?')).toMatchObject({ parameters: 2 });
  });

  it.each([
    ['SELECT * FROM jobs', 'SELECT'],
    ['UPDATE jobs SET a = 5 WHERE pk = ?', 'the value 5'],
    [`UPDATE jobs SET a = 'x' WHERE pk = ?`, 'the value x'],
    ['UPDATE jobs SET a = ? WHERE pk = ? OR pk = ?', "'OR' after the statement"],
    ['UPDATE jobs SET a = ? WHERE pk = ? AND (b = ?)', 'a condition in brackets'],
    ['UPDATE jobs SET a = ? WHERE attribute_type(a, ?)', 'the function attribute_type'],
    ['UPDATE jobs SET a.b = ? WHERE pk = ?', 'a path into a document'],
    ['UPDATE jobs REMOVE a WHERE pk = ?', 'UPDATE without SET'],
    ['UPDATE jobs SET a = ? WHERE pk IN ?', "a condition with 'IN'"],
    ['UPDATE jobs SET a = ? WHERE pk = ? RETURNING ALL NEW *', "'RETURNING' after the statement"],
    ['DELETE FROM jobs.byState WHERE pk = ?', 'a statement on an index'],
    [`INSERT INTO jobs VALUES {'pk': ?}`, 'VALUE is expected'],
  ])('rejects by name what DynamoDB knows and this does not: %s', (text, name) => {
    expect(statementOf(text)).toContain(name);
    expect(statementOf(text)).toContain('not emulated');
  });

  it.each(['UPDATE', 'UPDATE jobs', 'INSERT INTO', '§', 'hello world', `INSERT INTO jobs VALUE {pk: ?}`])(
    'rejects what is no statement: %s',
    (text) => {
      expect(statementOf(text)).toContain("wasn't well formed");
    },
  );

  it('rejects a statement that is too long', () => {
    expect(statementOf(`DELETE FROM jobs WHERE pk = ?${' '.repeat(8_192)}`)).toContain('8192');
  });
});
