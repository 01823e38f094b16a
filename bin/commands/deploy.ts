import { deployAssembly } from '../../lib/local/deploy.js';
import { EXIT, type Command, type Terminal } from '../command.js';
import { DEPLOYMENT_OPTIONS, reportDeployment, selectionOf, tellProgress } from '../deployment-report.js';

/** `millrace deploy`: what the templates say, at an emulator that runs already. */
export const deployCommand: Command = {
  name: 'deploy',
  summary: "Create what a synthesized app says at an emulator's endpoint ('cdk deploy' is for AWS itself).",
  options: [
    { name: 'endpoint', value: '<url>', summary: 'where the emulator answers', isRequired: true },
    { name: 'assembly', value: '<folder>', summary: "what 'cdk synth' wrote", byDefault: 'cdk.out' },
    { name: 'region', value: '<name>', summary: 'region to deploy into', byDefault: 'us-east-1' },
    ...DEPLOYMENT_OPTIONS,
  ],
  run: async (values, terminal) => {
    const endpoint = values.required('endpoint');
    const deployment = await deployAssembly({
      assembly: values.required('assembly'),
      aws: { endpoint, region: values.required('region'), credentials: credentialsOf(terminal) },
      ...selectionOf(values),
      onProgress: tellProgress(terminal),
      signal: terminal.signal,
    });
    reportDeployment(deployment, endpoint, { values, terminal });
    return EXIT.done;
  },
};

/** Emulators take any keys; the ones in the environment are used where there are some, since a few read the account off them. */
function credentialsOf({ environment }: Terminal): {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
} {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? 'local',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? 'local',
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
