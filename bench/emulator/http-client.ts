import { connect, type Socket } from 'node:net';

/** What the client is told to do, and what it answers when it is done. */
export interface ClientOrder {
  readonly kind: 'fill' | 'drain';
  readonly port: number;
  readonly queueUrl: string;
  readonly messages: number;
  readonly bytes: number;
}

/** How long an order took, and what it cost the client. */
export interface ClientReport {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const CONNECTIONS = 8;
const BATCH = 10;

/**
 * The least that can talk to the server: requests written by hand onto kept-alive sockets, one at a time on each, not
 * signed; of an answer only the length is read, and the receipt handles.
 */
class Connection {
  readonly #socket: Socket;
  #received = '';
  #answer: ((body: string) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port });
    this.#socket.setNoDelay(true);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk) => this.#take(String(chunk)));
  }

  call(operation: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#socket.once('error', reject);
      this.#socket.write(
        `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-1.0\r\n` +
          `x-amz-target: AmazonSQS.${operation}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    }).finally(() => this.#socket.removeAllListeners('error')) as Promise<string>;
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1]);
    if (this.#received.length < head + 4 + length) return;
    const body = this.#received.slice(head + 4);
    if (!this.#received.startsWith('HTTP/1.1 200')) throw new Error(this.#received);
    this.#received = '';
    this.#answer?.(body);
  }
}

async function fill(connection: Connection, order: ClientOrder, left: { messages: number }): Promise<void> {
  const body = 'x'.repeat(order.bytes);
  const Entries = Array.from({ length: BATCH }, (_, at) => ({ Id: String(at), MessageBody: body }));
  const request = JSON.stringify({ QueueUrl: order.queueUrl, Entries });
  while (left.messages > 0) {
    left.messages -= BATCH;
    await connection.call('SendMessageBatch', request);
  }
}

async function drain(connection: Connection, order: ClientOrder, left: { messages: number }): Promise<void> {
  const request = JSON.stringify({ QueueUrl: order.queueUrl, MaxNumberOfMessages: BATCH });
  while (left.messages > 0) {
    left.messages -= BATCH;
    const answer = await connection.call('ReceiveMessage', request);
    const { Messages = [] } = JSON.parse(answer) as { Messages?: { ReceiptHandle: string }[] };
    if (Messages.length !== BATCH) throw new Error(`received ${Messages.length} of ${BATCH}`);
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await connection.call('DeleteMessageBatch', JSON.stringify({ QueueUrl: order.queueUrl, Entries }));
  }
}

async function carryOut(order: ClientOrder): Promise<ClientReport> {
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(order.port));
  const left = { messages: order.messages };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const work = order.kind === 'fill' ? fill : drain;
  await Promise.all(connections.map((connection) => work(connection, order, left)));
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of connections) connection.end();
  return { wallMs, cpuMs: (user + system) / 1_000 };
}

process.on('message', (order) => {
  void carryOut(order as ClientOrder).then((report) => process.send?.(report));
});
