import { ACKNOWLEDGEMENTS } from '../../../.config/scanners/acknowledgements.js';
import { judge, type Finding } from '../../../.config/scanners/findings.js';
import { NPM_SCANNERS, scanWithNpm } from '../../../.config/scanners/npm-scanners.js';
import { ScannedApp } from '../../../.config/scanners/scanned-app.js';

const FINDING: Finding = {
  scanner: 'cdk-nag AwsSolutions',
  rule: 'AwsSolutions-SQS4',
  words: 'The SQS queue does not require requests to use SSL.',
  posture: 'standard',
  construct: 'WorkQueueWithDLQ',
  resource: 'Builds/Default',
};

describe('the scanners that come from npm', () => {
  const findings = scanWithNpm(new ScannedApp());
  const { unexplained, unused } = judge(findings, ACKNOWLEDGEMENTS, NPM_SCANNERS);

  it('find nothing on the constructs, in no posture, that is not acknowledged with a reason', () => {
    expect(unexplained).toEqual([]);
  });

  it('still find everything that is acknowledged', () => {
    expect(unused).toEqual([]);
  });
});

describe('judging findings', () => {
  it('reports a finding that nobody acknowledged', () => {
    expect(judge([FINDING], ACKNOWLEDGEMENTS, []).unexplained).toEqual([FINDING]);
  });

  it('reports an acknowledgement in each posture where its scanner no longer finds anything', () => {
    const [first] = ACKNOWLEDGEMENTS;
    expect(judge([], ACKNOWLEDGEMENTS.slice(0, 1), first?.scanners ?? []).unused).toHaveLength(3);
  });

  it('says nothing of acknowledgements whose scanner did not run', () => {
    expect(judge([], ACKNOWLEDGEMENTS, []).unused).toEqual([]);
  });
});
