import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { AwaitSite, CoverageReport, Crossing } from './coverage-report.js';

/** Sources whose awaits are of interest: what a simulated process runs. */
const COVERED = /^lib\/(runtime\/(sqs|sns|idempotency|stores|aws|system)|core)\//;

/** The program that runs, in one file. */
const BUNDLE = pathToFileURL(process.argv[1] ?? '').href;

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** Counts what is met while seeds run: which crash candidates, faults and mechanisms, and which awaits of the source. */
export class Coverage {
  readonly #session: Session;
  readonly #crossings = new Map<string, Crossing>();
  readonly #faults: Record<string, number> = {};
  readonly #events: Record<string, number> = {};

  private constructor(session: Session) {
    this.#session = session;
  }

  /** Starts counting. */
  static async start(): Promise<Coverage> {
    const session = new Session();
    session.connect();
    await session.post('Debugger.enable');
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return new Coverage(session);
  }

  /** Something crossed the border of a process, or would have. */
  crossed(name: string, hasCrashed: boolean): void {
    const crossing = this.#crossings.get(name) ?? { name, crossed: 0, crashed: 0 };
    crossing.crossed += 1;
    crossing.crashed += Number(hasCrashed);
    this.#crossings.set(name, crossing);
  }

  hit(name: string): void {
    this.#faults[name] = (this.#faults[name] ?? 0) + 1;
  }

  told(name: string): void {
    this.#events[name] = (this.#events[name] ?? 0) + 1;
  }

  async report(): Promise<CoverageReport> {
    return {
      crossings: [...this.#crossings.values()],
      faults: this.#faults,
      events: this.#events,
      awaits: await this.#awaits(),
    };
  }

  /** Only what was called is known to V8; a function that is not in its answer was not. */
  async #awaits(): Promise<readonly AwaitSite[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const own = result.find(({ url }) => url === BUNDLE);
    if (own === undefined) return [];
    const { scriptSource } = await this.#session.post('Debugger.getScriptSource', { scriptId: own.scriptId });
    const ranges = own.functions.flatMap((each) => each.ranges);
    return awaitsIn(scriptSource).map(({ at, ...site }) => ({ ...site, isReached: countAt(ranges, at) > 0 }));
  }
}

/** The narrowest range around a position says how often it ran. */
function countAt(ranges: readonly Range[], at: number): number {
  let narrowest: Range | undefined;
  for (const range of ranges) {
    if (at < range.startOffset || at >= range.endOffset) continue;
    const width = range.endOffset - range.startOffset;
    if (narrowest === undefined || width <= narrowest.endOffset - narrowest.startOffset) narrowest = range;
  }
  return narrowest?.count ?? 0;
}

type PlacedAwait = Omit<AwaitSite, 'isReached'> & { readonly at: number };

/** All awaits of a bundle; a comment with the name of the file stands before what came from it. */
function awaitsIn(source: string): readonly PlacedAwait[] {
  const files = [...source.matchAll(/^\/\/ (\S+\.ts)$/gm)];
  const fileAt = (at: number): string => files.findLast(({ index }) => index <= at)?.[1] ?? '';
  const found: PlacedAwait[] = [];
  const tree = ts.createSourceFile('bundle.mjs', source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const visit = (node: ts.Node, within: string): void => {
    const name = nameOf(node) ?? within;
    if (ts.isAwaitExpression(node)) {
      const at = node.getStart(tree);
      const file = fileAt(at);
      if (COVERED.test(file))
        found.push({ file, within: name, text: node.getText(tree).replace(/\s+/g, ' ').slice(0, 80), at });
    }
    ts.forEachChild(node, (child) => visit(child, name));
  };
  visit(tree, '');
  return found;
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.name?.getText();
  if (ts.isVariableDeclaration(node) && node.initializer && ts.isArrowFunction(node.initializer))
    return node.name.getText();
  return undefined;
}
