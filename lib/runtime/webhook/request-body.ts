/** A request's body as text, or why it is none. */
export type BodyText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'not-utf8' };

/** A request as both adapters hand it over. */
export interface IncomingPost {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array> | undefined;
}

/** Reads at most `maxBytes`; one byte more ends the reading, whatever the sender said of the length. */
export async function readBody({ header, body }: IncomingPost, maxBytes: number): Promise<BodyText> {
  if (Number(header('content-length') ?? 0) > maxBytes) return { kind: 'too-large' };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { kind: 'too-large' };
    chunks.push(chunk);
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { kind: 'not-utf8' };
  }
}
