/** How the SDK's clients reach the engine. */
export interface EngineConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What was sent through something deployed, and what came of it. */
export interface ProbeResult {
  /** `RepositoryEvents → Builds`. */
  readonly way: string;
  readonly isDone: boolean;
  readonly said: string;
}

/** No message takes this long, even one that waits out a visibility timeout. */
const PATIENCE_MS = 60_000;

/** Waits for `promise`, but not for ever; what it was waited for goes into the error. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a probe; one that fails is a result too. */
export async function tried(way: string, probe: () => Promise<string>): Promise<ProbeResult> {
  try {
    return { way, isDone: true, said: await probe() };
  } catch (error) {
    return { way, isDone: false, said: error instanceof Error ? error.message : String(error) };
  }
}
