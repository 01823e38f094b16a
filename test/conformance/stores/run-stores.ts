import { STORE_CASES, type StoreCase, type StoreSubject } from '../../runtime/stores/store-cases.js';
import { NotAvailable } from '../engines/engine.js';
import { STORE_SERVERS, type StoreServer } from './servers.js';

/** What the suite said about one server; `failed` are titles with their reasons. */
export type StoreReport =
  | { readonly kind: 'not-available'; readonly name: string; readonly reason: string }
  | {
      readonly kind: 'ran';
      readonly name: string;
      readonly version: string;
      readonly passed: number;
      readonly failed: readonly string[];
    };

/** Runs the suite of idempotency stores on real servers, one after the other: the same cases as in `npm test`. */
export async function runStores(cache: string): Promise<readonly StoreReport[]> {
  const reports: StoreReport[] = [];
  for (const server of STORE_SERVERS) reports.push(await runServer(server, cache));
  return reports;
}

async function runServer(server: StoreServer, cache: string): Promise<StoreReport> {
  const { name } = server;
  try {
    const subject = await server.open(cache);
    try {
      const cases = STORE_CASES.filter(
        ({ needsTransactions }) => !needsTransactions || subject.transactions !== undefined,
      );
      const failed: string[] = [];
      for (const each of cases) failed.push(...(await failureOf(each, subject)));
      return { kind: 'ran', name, version: subject.version, passed: cases.length - failed.length, failed };
    } finally {
      await subject.close();
    }
  } catch (error) {
    if (error instanceof NotAvailable) return { kind: 'not-available', name, reason: error.message };
    throw error;
  }
}

async function failureOf({ title, run }: StoreCase, subject: StoreSubject): Promise<readonly string[]> {
  try {
    await run(subject);
    return [];
  } catch (error) {
    return [`${title}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The reports as lines for people. */
export function storeLines(reports: readonly StoreReport[]): readonly string[] {
  return reports.flatMap((report) => {
    if (report.kind === 'not-available') return [`store ${report.name}: not available: ${report.reason}`];
    const { name, version, passed, failed } = report;
    const count = `store ${name} ${version}: ${passed} passed, ${failed.length} failed`;
    return [count, ...failed.map((failure) => `  x ${failure}`)];
  });
}
