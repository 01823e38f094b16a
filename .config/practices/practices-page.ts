import type { Practice, PracticeSection, Settlement } from './practice.js';
import { PRACTICE_SECTIONS } from './sections.js';

/** The page about every practice, and how each is settled. */
export function renderPracticesPage(): string {
  return `# Practices, and how each is settled

Made by \`npm run docs\` from \`.config/practices\`; tests keep it so: every rule and every test that is named here is there.

What AWS documents about queues, topics, streams and what works on them, and what its users learned the hard way. A practice is settled by a *rule* of [\`MillraceChecks\`](checks.md), which judges
resources of others too; by a *construct*, which does it or refuses the contrary; by the *runtime*, the clients that work on what was deployed; or it is *open*: no template shows it, or the
choice is yours, and the reason says why.

| | practices | by a rule | by a construct or the runtime only | open |
|---|---|---|---|---|
${PRACTICE_SECTIONS.map(renderCounts).join('\n')}

${PRACTICE_SECTIONS.map(renderSection).join('\n')}`;
}

function renderCounts({ prefix, title, practices }: PracticeSection): string {
  const ruled = practices.filter(({ settled }) => settled.some(({ kind }) => kind === 'rule'));
  const open = practices.filter(({ settled }) => settled.every(({ kind }) => kind === 'open'));
  const made = practices.length - ruled.length - open.length;
  return `| [${title}](#${anchorOf(title)}) (${prefix}) | ${practices.length} | ${ruled.length} | ${made} | ${open.length} |`;
}

const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

const renderSection = ({ title, practices }: PracticeSection): string => `## ${title}
| id | practice | settled by |
|---|---|---|
${practices.map(renderPractice).join('\n')}
`;

const renderPractice = ({ id, practice, settled }: Practice): string =>
  `| ${id} | ${practice} | ${settled.map(renderSettlement).join('<br>')} |`;

function renderSettlement(settlement: Settlement): string {
  switch (settlement.kind) {
    case 'rule': {
      const links = settlement.ids.map((id) => `[\`${id}\`](checks.md#${id})`);
      return `*rule${links.length > 1 ? 's' : ''}* ${links.join(', ')}`;
    }
    case 'construct':
    case 'runtime':
      return `*${settlement.kind}*: ${settlement.words} (${settlement.tests.map((test) => `\`${test}\``).join(', ')})`;
    case 'open':
      return `*open*: ${settlement.reason}`;
  }
}
