import {
  decodeQueryInput,
  encodeQueryFault,
  encodeQueryOutput,
} from '../../../lib/emulator/http/query-protocol.js';

const decode = (form: string) => decodeQueryInput(new URLSearchParams(form));

describe('the query protocol', () => {
  it('reads lists in their order, maps by name, and structures', () => {
    const input = decode(
      [
        'Action=PublishBatch',
        'Version=2010-03-31',
        'TopicArn=arn',
        'PublishBatchRequestEntries.member.2.Id=two',
        'PublishBatchRequestEntries.member.1.Id=one',
        'PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=type',
        'PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType=String',
        'PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue=a%26b',
        'Attributes.entry.1.key=DisplayName',
        'Attributes.entry.1.value=Events',
      ].join('&'),
    );

    expect(input).toEqual({
      TopicArn: 'arn',
      PublishBatchRequestEntries: [
        { Id: 'one', MessageAttributes: { type: { DataType: 'String', StringValue: 'a&b' } } },
        { Id: 'two' },
      ],
      Attributes: { DisplayName: 'Events' },
    });
  });

  it('reads more than nine members in their order', () => {
    const form = Array.from({ length: 12 }, (_, index) => `TagKeys.member.${index + 1}=k${index + 1}`).join(
      '&',
    );

    expect(decode(form)['TagKeys']).toEqual(Array.from({ length: 12 }, (_, index) => `k${index + 1}`));
  });

  it('reads truth values where the shape has them', () => {
    expect(decode('ReturnSubscriptionArn=true&Message=true')).toEqual({
      ReturnSubscriptionArn: true,
      Message: 'true',
    });
  });

  it('is not led astray by names that objects have anyway', () => {
    expect(Object.keys(decode('constructor.member.1=x'))).toEqual(['constructor']);
  });

  it('writes lists, maps and text that XML must not see', () => {
    const { body } = encodeQueryOutput(
      'GetTopicAttributes',
      { Attributes: { Policy: '<a & "b">' }, Topics: [{ TopicArn: 'arn' }], NextToken: undefined },
      'id',
    );

    expect(body).toContain(
      '<Attributes><entry><key>Policy</key><value>&lt;a &amp; &quot;b&quot;&gt;</value></entry></Attributes>',
    );
    expect(body).toContain('<Topics><member><TopicArn>arn</TopicArn></member></Topics>');
    expect(body).not.toContain('NextToken');
  });

  it('names faults by the protocol, not by the shape', () => {
    const { status, body } = encodeQueryFault(
      { code: 'NotFoundException', message: 'Topic does not exist', status: 404 },
      'id',
    );

    expect(status).toBe(404);
    expect(body).toContain('<Type>Sender</Type><Code>NotFound</Code>');
  });
});
