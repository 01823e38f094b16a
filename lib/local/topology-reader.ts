import { readAssembly, type Assembly } from './assembly.js';
import { readSymbolicStacks } from './symbolic-stacks.js';
import type { Topology } from './topology.js';
import { linkTopology } from './topology-links.js';

/**
 * Reads the topology off the templates of a cloud assembly, without deploying anything: topics and their subscriptions
 * with filters, queues with their dead-letter queues, streams with their readers, tables that keep leases or inboxes,
 * functions that are fed, and how many alarms watch each.
 * @param assembly the folder that `cdk synth` wrote
 * @throws {ASSEMBLY_INVALID} the folder holds no assembly, or a template is not one; names the file
 */
export function readTopology(assembly: string): Topology {
  return topologyOf(readAssembly(assembly));
}

/** The topology of an assembly that was read already. */
export function topologyOf(assembly: Assembly): Topology {
  return linkTopology(readSymbolicStacks(assembly));
}
