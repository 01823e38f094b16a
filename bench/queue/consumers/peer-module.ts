import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads a package from the folder that peers are installed in.
 * @returns its exports; the caller says of which shape they are, since the types are not installed here
 */
export async function importPeer<Module>(folder: string | undefined, name: string): Promise<Module> {
  if (folder === undefined) throw new Error(`${name} is not installed`);
  const file = createRequire(path.join(folder, 'package.json')).resolve(name);
  return (await import(pathToFileURL(file).href)) as Module;
}
