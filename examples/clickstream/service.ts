// One reader as a process, of which there may be as many as shards: `service.ts pages|bots`.
import { openBots } from './bots.js';
import { openPages } from './pages.js';

const READERS = { pages: openPages, bots: openBots };

const name = process.argv[2] ?? '';
const table = process.env.FINDINGS_TABLE;
if (!isReader(name) || table === undefined)
  throw new Error(
    `usage: FINDINGS_TABLE=<table> service.ts ${Object.keys(READERS).join('|')}, got '${name}'`,
  );

await READERS[name](table).run(); // until SIGTERM

function isReader(name: string): name is keyof typeof READERS {
  return Object.hasOwn(READERS, name);
}
