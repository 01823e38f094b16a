import type { Posture } from '../../lib/cdk/index.js';

/** The scanners, in the order of the page. */
export const SCANNERS = [
  'cdk-nag AwsSolutions',
  'cdk-nag HIPAA Security',
  'cdk-nag NIST 800-53 R4',
  'cdk-nag NIST 800-53 R5',
  'cdk-nag PCI DSS 3.2.1',
  'aws-cdk-lib validation',
  'MillraceChecks',
  'cfn-lint',
  'checkov',
] as const;

/** Who says it. */
export type Scanner = (typeof SCANNERS)[number];

/** One rule of one scanner that one resource breaks. */
export interface Finding {
  readonly scanner: Scanner;
  readonly rule: string;
  /** What the scanner says, in its own words. */
  readonly words: string;
  readonly posture: Posture;
  /** The case it was found in. */
  readonly construct: string;
  /** Construct path of the resource, without the stack and the trailing `Resource`. */
  readonly resource: string;
}

/** Findings that are known, and why they stay. */
export interface Acknowledgement {
  readonly scanners: readonly Scanner[];
  /** Matches the rule's name in each of the scanners. */
  readonly rule: RegExp;
  /** The same for people. @default - the pattern, without what differs between scanners */
  readonly name?: string;
  readonly postures: readonly Posture[];
  /** Which resources: matches their construct paths. */
  readonly resource: RegExp;
  /** The same for people. */
  readonly on: string;
  /** `false positive`: the resource does what the rule wants, or the rule is not about it; `choice`: the posture does not want it. */
  readonly kind: 'false positive' | 'choice';
  readonly reason: string;
  /** The scanner's issue about it, or the page that backs the choice. */
  readonly link: string;
}

/** What of the findings nobody has acknowledged, and which acknowledgements match nothing any more. */
export interface Verdict {
  readonly unexplained: readonly Finding[];
  readonly unused: readonly string[];
}

/**
 * Holds findings against acknowledgements.
 * @param ran the scanners that ran: an acknowledgement is unused only where its scanner had its say
 */
export function judge(
  findings: readonly Finding[],
  acknowledgements: readonly Acknowledgement[],
  ran: readonly Scanner[],
): Verdict {
  const unused = acknowledgements.flatMap((acknowledgement) =>
    acknowledgement.scanners
      .filter((scanner) => ran.includes(scanner))
      .flatMap((scanner) =>
        acknowledgement.postures
          .filter(
            (posture) =>
              !findings.some(
                (finding) =>
                  finding.scanner === scanner &&
                  finding.posture === posture &&
                  covers(acknowledgement, finding),
              ),
          )
          .map((posture) => `${scanner} ${acknowledgement.rule.source} on ${acknowledgement.on}, ${posture}`),
      ),
  );
  return {
    unexplained: findings.filter((finding) => !acknowledgements.some((known) => covers(known, finding))),
    unused,
  };
}

function covers({ scanners, rule, postures, resource }: Acknowledgement, finding: Finding): boolean {
  return (
    scanners.includes(finding.scanner) &&
    rule.test(finding.rule) &&
    postures.includes(finding.posture) &&
    resource.test(finding.resource)
  );
}
