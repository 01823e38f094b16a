import { byOrigin, createFleet, type Fleet, type FlightData } from './support/fleet.js';

const origins = Array.from({ length: 12 }, (_, n) => `A${n}`);

/** Puts flights evenly over time while `act` is called at each step. */
async function produce(
  fleet: Fleet,
  count: number,
  act: (n: number) => Promise<void> | void = () => undefined,
): Promise<readonly FlightData[]> {
  const producer = fleet.createProducer();
  const flights: FlightData[] = [];
  const puts: Promise<unknown>[] = [];
  for (let n = 0; n < count; n += 1) {
    const flight = { origin: origins[n % origins.length] ?? '', n };
    flights.push(flight);
    puts.push(producer.put(flight));
    const acting = act(n);
    await fleet.clock.advance(10);
    await acting;
  }
  const stopping = producer.stop();
  await fleet.clock.advance(5_000);
  await stopping;
  await Promise.all(puts);
  return flights;
}

const sum = (flights: readonly FlightData[]): number[] => flights.map(({ n }) => n).sort((a, b) => a - b);

describe('workers of one reader', () => {
  it('read everything once and in the order of each key while shards are split and merged', async () => {
    const fleet = createFleet({ shards: 2 });
    const workers = [fleet.startWorker(), fleet.startWorker()];
    const flights = await produce(fleet, 600, (n) => {
      if (n === 100) return fleet.stream.split(0);
      if (n === 250) return fleet.stream.merge(0);
      if (n === 300) return fleet.stream.split(1);
      if (n === 301) return fleet.stream.split(0);
      return undefined;
    });
    await fleet.until(() => fleet.effects.length >= flights.length);
    expect(sum(fleet.effects)).toEqual(sum(flights));
    expect(byOrigin(fleet.effects)).toEqual(byOrigin(flights));
    expect(fleet.deliveries).toHaveLength(flights.length);
    const stopping = Promise.all(workers.map(({ reader }) => reader.stop()));
    await fleet.clock.advance(1_000);
    await stopping;
    await Promise.all(workers.map(({ running }) => running));
  });

  it('commit every effect once when a worker is killed amid the stream', async () => {
    const fleet = createFleet({ shards: 4 });
    const [first, second] = [fleet.startWorker(), fleet.startWorker()];
    const flights = await produce(fleet, 1_500, (n) => {
      if (n === 500) first.kill();
      if (n === 600) return fleet.stream.split(0);
      return undefined;
    });
    await fleet.until(() => fleet.effects.length >= flights.length);
    expect(sum(fleet.effects)).toEqual(sum(flights));
    expect(byOrigin(fleet.effects)).toEqual(byOrigin(flights));
    expect(second.events.filter(({ kind }) => kind === 'lease-taken').length).toBeGreaterThan(2);
    await stop(fleet, second);
  });

  it("hand over a stopped worker's shards within the poll of the lease table, and deliver nothing twice", async () => {
    const fleet = createFleet({ shards: 2 });
    const first = fleet.startWorker();
    await fleet.until(() => taken(first) === 2);
    const second = fleet.startWorker();
    await fleet.until(() => taken(second) === 1);
    const flights = await produce(fleet, 50);
    const stopping = first.reader.stop();
    const handOverMs = await fleet.until(() => taken(second) === 2);
    await stopping;
    expect(handOverMs).toBeLessThanOrEqual(1_100);
    await fleet.until(() => fleet.effects.length >= flights.length);
    expect(fleet.deliveries).toHaveLength(flights.length);
    await stop(fleet, second);
  });

  it('leave a dead worker its shards for the failover time, and no longer than a poll or two after it', async () => {
    const fleet = createFleet({ shards: 1 });
    const first = fleet.startWorker();
    await fleet.until(() => taken(first) === 1);
    const second = fleet.startWorker();
    await fleet.clock.advance(2_000);
    first.kill();
    const failoverMs = await fleet.until(() => taken(second) === 1);
    expect(failoverMs).toBeGreaterThan(10_000 - 10_000 / 3);
    expect(failoverMs).toBeLessThan(10_000 + 10_000 / 3 + 1_100);
    await stop(fleet, second);
  });

  it('share the shards evenly when workers join', async () => {
    const fleet = createFleet({ shards: 6 });
    const workers = [fleet.startWorker()];
    await fleet.until(() => held(workers[0]!) === 6);
    workers.push(fleet.startWorker(), fleet.startWorker());
    await fleet.until(() => workers.every((worker) => held(worker) === 2));
    const shared = workers.map(held);
    expect(shared).toEqual([2, 2, 2]);
    await stop(fleet, ...workers);
  });

  it('go on from the children when a worker was killed before it had stored the end of the parent', async () => {
    const fleet = createFleet({ shards: 1 });
    const first = fleet.startWorker();
    const flights = await produce(fleet, 100, (n) => {
      if (n === 50) return fleet.stream.split(0);
      if (n === 55) first.kill();
      return undefined;
    });
    const second = fleet.startWorker();
    await fleet.until(() => fleet.effects.length >= flights.length);
    expect(byOrigin(fleet.effects)).toEqual(byOrigin(flights));
    await stop(fleet, second);
  });
});

function taken({ events }: { readonly events: readonly { readonly kind: string }[] }): number {
  return events.filter(({ kind }) => kind === 'lease-taken').length;
}

function held({ events }: { readonly events: readonly { readonly kind: string }[] }): number {
  return (
    taken({ events }) - events.filter(({ kind }) => kind === 'lease-released' || kind === 'lease-lost').length
  );
}

async function stop(
  fleet: Fleet,
  ...workers: readonly { readonly reader: { stop(): Promise<void> }; readonly running: Promise<void> }[]
): Promise<void> {
  const stopping = Promise.all(workers.map(({ reader }) => reader.stop()));
  await fleet.clock.advance(2_000);
  await stopping;
  await Promise.all(workers.map(({ running }) => running));
}
