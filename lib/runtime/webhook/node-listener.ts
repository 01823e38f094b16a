import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import type { IncomingPost } from './request-body.js';

/** Serves `node:http` with a receiver's answers. */
export function nodeListener(
  answer: (post: IncomingPost) => Promise<Answer>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    // A sender's broken connection is its own affair: it must not end this process.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    answer(postOf(request)).then(
      (given) => respond(request, response, given),
      () => respond(request, response, { status: 500, words: 'not handled, send it again' }),
    );
  };
}

function postOf(request: IncomingMessage): IncomingPost {
  return {
    method: request.method ?? '',
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    // A body that is not read to its end must not take the connection with it: the sender is still to be answered.
    body: request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
  };
}

function respond(request: IncomingMessage, response: ServerResponse, { status, words, allow }: Answer): void {
  const isUnread = !request.complete;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(allow !== undefined && { allow }),
    ...(isUnread && { connection: 'close' }),
  });
  response.end(`${words}\n`);
  // What is left of a refused body is let go; the connection ends after the answer.
  if (isUnread) request.resume();
}
