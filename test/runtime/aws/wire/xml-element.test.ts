import * as fc from 'fast-check';
import { readXml, type XmlElement } from '../../../../lib/runtime/aws/wire/xml-element.js';

const ANSWER = `<?xml version="1.0" encoding="UTF-8"?>
<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishBatchResult>
    <Failed/>
    <Successful>
      <member><MessageId>m-1</MessageId><Id>0</Id></member>
    </Successful>
  </PublishBatchResult>
</PublishBatchResponse>`;

const leaf = (name: string, text: string): XmlElement => ({ name, text, children: [] });

function write({ name, text, children }: XmlElement): string {
  const inside = text === '' ? children.map(write).join('\n ') : escape(text);
  return inside === '' ? `<${name} />` : `<${name} a="1&gt;0" b='"'>${inside}</${name}>`;
}

const escape = (text: string): string =>
  text.replace(/[&<>"'\u{80}-\u{10ffff}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code % 2 === 0 ? `&#${code};` : `&#x${code.toString(16)};`;
  });

const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/);
/** What XML can hold, and what is not only space, which is nothing where elements may be. */
const texts = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => /\S/.test(text) && !/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/u.test(text));

const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({ name: names, text: texts, children: fc.constant([]) }),
    fc.record({ name: names, text: fc.constant(''), children: fc.array(tie('tree'), { maxLength: 4 }) }),
  ),
}));

describe('the reader of XML answers', () => {
  it('reads elements with their texts, and says nothing of attributes and space between elements', () => {
    expect(readXml(ANSWER)).toEqual({
      name: 'PublishBatchResponse',
      text: '',
      children: [
        {
          name: 'PublishBatchResult',
          text: '',
          children: [
            leaf('Failed', ''),
            {
              name: 'Successful',
              text: '',
              children: [{ name: 'member', text: '', children: [leaf('MessageId', 'm-1'), leaf('Id', '0')] }],
            },
          ],
        },
      ],
    });
  });

  it('reads whatever tree was written', () => {
    fc.assert(fc.property(tree, (written) => expect(readXml(write(written))).toEqual(written)));
  });

  it('rejects an answer that was cut anywhere', () => {
    for (let end = 0; end < ANSWER.length; end += 1)
      expect(() => readXml(ANSWER.slice(0, end))).toThrow('the answer');
  });

  it('reads any text at all as a tree or rejects it as damaged', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '<a>',
      '</a>',
      '<a/>',
      '&',
      ';',
      '&amp;',
      '"',
      '=',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const outcome = ((): string => {
          try {
            return typeof readXml(parts.join('')).name;
          } catch (error) {
            return (error as Error).name;
          }
        })();
        expect(['string', 'DamagedAnswer']).toContain(outcome);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['two roots', '<a/><b/>'],
    ['something after its end', '<a/>x'],
    ['another element ended', '<a><b></a></b>'],
    ['an element not ended', '<a><b></b>'],
    ['text beside elements', '<a>x<b/></a>'],
    ['text behind elements', '<a><b/>x</a>'],
    ['a comment', '<a><!-- x --></a>'],
    ['a section of character data', '<a><![CDATA[x]]></a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an instruction', '<a><?go on?></a>'],
    ['a reference of its own', '<a>&b;</a>'],
    ['a reference to no character', '<a>&#0;</a>'],
    ['a reference to half a character', '<a>&#xD800;</a>'],
    ['a reference beyond all characters', '<a>&#x110000;</a>'],
    ['a reference that does not end', '<a>&amp</a>'],
    ['a prefix', '<x:a/>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['markup in an attribute', '<a b="<c>"/>'],
    ['a page of a gateway', '<html><head><meta charset="utf-8"></head><body>busy</body></html>'],
    ['endless depth', `${'<a>'.repeat(20)}x${'</a>'.repeat(20)}`],
  ])('rejects %s, without its words', (_what, text) => {
    const error = ((): Error | undefined => {
      try {
        readXml(text);
        return undefined;
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(error).toMatchObject({ name: 'DamagedAnswer', $retryable: {} });
    expect(error?.message).toMatch(/^the answer [a-zA-Z ]+$/);
  });
});
