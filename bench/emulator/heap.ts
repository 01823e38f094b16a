import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Clears what the making of inputs left behind, so that it is not cleared on the time of what is measured. */
export function createSweeper(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  return () => collect({ type: 'minor' });
}

/** Makes a function that collects garbage and gives the bytes of the heap that are still in use. */
export function createHeapGauge(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}
