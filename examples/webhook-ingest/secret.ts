// AWS's extension beside the function caches the secret for five minutes, so that a new one is taken up by itself.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
const PORT = process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? '2773';

/** The secret the provider signs with. */
export async function readSecret(): Promise<string> {
  const id = encodeURIComponent(process.env.SIGNING_SECRET ?? '');
  const response = await fetch(`http://localhost:${PORT}/secretsmanager/get?secretId=${id}`, {
    headers: { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN ?? '' },
  });
  if (!response.ok) throw new Error(`the secret can't be read: the extension answered ${response.status}`);
  return ((await response.json()) as { readonly SecretString: string }).SecretString;
}
