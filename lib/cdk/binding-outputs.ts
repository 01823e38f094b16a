import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { bindingVariable, type Binding } from '../contract/binding.js';
import { refuseAll } from '../core/errors.js';
import { unknownNames } from '../core/options.js';
import { bindingJson, type IBoundResource } from './bound-resource.js';

/** Properties of {@link BindingOutputs}. */
export interface BindingOutputsProps {
  /** The resources whose bindings are written out. */
  readonly resources: readonly IBoundResource[];
}

/**
 * Stack outputs that carry bindings, for workers that this stack does not deploy: one output per resource, whose value is
 * the binding's JSON and whose description names the environment variable to put it in.
 *
 * @example
 * new BindingOutputs(this, 'Bindings', { resources: [events, builds, flights, delays] });
 */
export class BindingOutputs extends Construct {
  /** The outputs, in the order of `resources`. */
  readonly outputs: readonly CfnOutput[];

  constructor(scope: Construct, id: string, props: BindingOutputsProps) {
    super(scope, id);
    refuseAll(`BindingOutputs at '${this.node.path}' can't be built`, [
      ...unknownNames(props, ['resources']),
      ...foreignViolations(props.resources),
    ]);
    const names = props.resources.map(({ binding }) => outputName(binding));
    const repeated = names.filter((name, index) => names.indexOf(name) !== index);
    refuseAll(`BindingOutputs at '${this.node.path}' can't be built`, [
      ...unknownNames(props, ['resources']),
      ...repeated.map(
        (name) => `two of the resources would be output '${name}': give one of them a bindingName`,
      ),
    ]);
    this.outputs = props.resources.map(({ binding }) => this.createOutput(binding));
  }

  private createOutput(binding: Binding): CfnOutput {
    const name = outputName(binding);
    const output = new CfnOutput(this, name, {
      value: bindingJson(this, binding),
      description: bindingVariable(binding.kind, binding.name),
    });
    // Readable and stable: scripts look outputs up by this id.
    output.overrideLogicalId(`${this.node.id}${name}`.replace(/[^A-Za-z0-9]/g, ''));
    return output;
  }
}

function foreignViolations(resources: unknown): string[] {
  if (!Array.isArray(resources))
    return ['resources must be a list of topics, queues, streams and readers of millrace'];
  return resources.flatMap((resource: unknown, index) =>
    typeof resource === 'object' && resource !== null && 'binding' in resource
      ? []
      : [`resources[${index}] has no binding: only topics, queues, streams and readers of millrace have one`],
  );
}

/** `QueueBuilds`, `ReaderFlightsDelays`. */
function outputName({ kind, name }: Binding): string {
  return [kind, ...name.split(/[^A-Za-z0-9]+/)].map(capitalized).join('');
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
