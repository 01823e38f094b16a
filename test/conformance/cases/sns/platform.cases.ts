import {
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  DeleteEndpointCommand,
  DeletePlatformApplicationCommand,
  GetEndpointAttributesCommand,
  ListEndpointsByPlatformApplicationCommand,
  PublishCommand,
  SetEndpointAttributesCommand,
} from '@aws-sdk/client-sns';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, present, refusal, same } from '../../fixtures/expectations.js';
import { snsApi } from '../../fixtures/pages.js';

async function createApplication(context: CaseContext): Promise<string> {
  const { PlatformApplicationArn } = await context.sns.send(
    new CreatePlatformApplicationCommand({
      Name: context.unique('app'),
      Platform: 'GCM',
      Attributes: { PlatformCredential: 'secret' },
    }),
  );
  context.cleanUp(() => context.sns.send(new DeletePlatformApplicationCommand({ PlatformApplicationArn })));
  return present(PlatformApplicationArn, 'PlatformApplicationArn');
}

async function createEndpoint(context: CaseContext, application: string, userData?: string): Promise<string> {
  const { EndpointArn } = await context.sns.send(
    new CreatePlatformEndpointCommand({
      PlatformApplicationArn: application,
      Token: 'device-1',
      CustomUserData: userData,
    }),
  );
  return present(EndpointArn, 'EndpointArn');
}

const disable = (context: CaseContext, EndpointArn: string): Promise<unknown> =>
  context.sns.send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Enabled: 'false' } }));

/** Apps on devices, and what is pushed to them. */
export const platformCases = caseGroup('sns.platform', {
  'an endpoint has its token and is enabled': {
    page: snsApi('GetEndpointAttributes'),
    run: async (context) => {
      const EndpointArn = await createEndpoint(context, await createApplication(context));
      const { Attributes } = await context.sns.send(new GetEndpointAttributesCommand({ EndpointArn }));
      same([Attributes?.Token, Attributes?.Enabled], ['device-1', 'true'], 'Token and Enabled');
    },
  },
  'the same token and attributes are the same endpoint': {
    page: snsApi('CreatePlatformEndpoint'),
    run: async (context) => {
      const application = await createApplication(context);
      const first = await createEndpoint(context, application);
      same(await createEndpoint(context, application), first, 'EndpointArn');
    },
  },
  'the same token with other attributes: InvalidParameter': {
    page: snsApi('CreatePlatformEndpoint'),
    run: async (context) => {
      const application = await createApplication(context);
      await createEndpoint(context, application);
      await refusal(createEndpoint(context, application, 'Ann'), 'InvalidParameter');
    },
  },
  'an endpoint of an application that is not there: NotFound': {
    page: snsApi('CreatePlatformEndpoint'),
    run: async (context) => {
      const application = await createApplication(context);
      await refusal(createEndpoint(context, `${application}-not`), 'NotFound');
    },
  },
  'a deleted endpoint is listed no more, and can be deleted again': {
    page: snsApi('DeleteEndpoint'),
    run: async (context) => {
      const PlatformApplicationArn = await createApplication(context);
      const EndpointArn = await createEndpoint(context, PlatformApplicationArn);
      for (let time = 0; time < 2; time += 1)
        await context.sns.send(new DeleteEndpointCommand({ EndpointArn }));
      const { Endpoints } = await context.sns.send(
        new ListEndpointsByPlatformApplicationCommand({ PlatformApplicationArn }),
      );
      same(Endpoints ?? [], [], 'Endpoints');
    },
  },
  'a push to an enabled endpoint has a message id': {
    page: snsApi('Publish'),
    run: async (context) => {
      const TargetArn = await createEndpoint(context, await createApplication(context));
      const { MessageId } = await context.sns.send(new PublishCommand({ TargetArn, Message: 'm' }));
      check(MessageId !== undefined && MessageId !== '', 'no MessageId');
    },
  },
  'a push to a disabled endpoint: EndpointDisabled': {
    page: snsApi('Publish'),
    run: async (context) => {
      const TargetArn = await createEndpoint(context, await createApplication(context));
      await disable(context, TargetArn);
      await refusal(context.sns.send(new PublishCommand({ TargetArn, Message: 'm' })), 'EndpointDisabled');
    },
  },
});
