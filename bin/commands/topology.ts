import { drawTopology } from '../../lib/local/topology-drawing.js';
import { readTopology } from '../../lib/local/topology-reader.js';
import { EXIT, type Command } from '../command.js';
import { writeOutput } from '../env-lines.js';

/** `millrace topology`: a picture of what the templates say, for a review or a README. */
export const topologyCommand: Command = {
  name: 'topology',
  summary: 'Draw how messages and records flow through a synthesized app, as SVG.',
  options: [
    { name: 'assembly', value: '<folder>', summary: "what 'cdk synth' wrote", byDefault: 'cdk.out' },
    { name: 'out', value: '<file>', summary: 'write it there instead of printing it' },
    { name: 'json', summary: 'nodes and edges as JSON instead of a drawing' },
  ],
  run: (values, terminal) => {
    const topology = readTopology(values.required('assembly'));
    const text = values.flag('json') ? `${JSON.stringify(topology, undefined, 2)}\n` : drawTopology(topology);
    const file = values.text('out');
    if (file === undefined) terminal.out(text);
    else {
      writeOutput(file, text);
      terminal.err(`${file}: ${topology.nodes.length} nodes, ${topology.edges.length} edges\n`);
    }
    return Promise.resolve(EXIT.done);
  },
};
