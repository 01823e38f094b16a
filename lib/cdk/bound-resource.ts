import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  bindingVariable,
  type Binding,
  type ContractReference,
  type QueueBinding,
  type TopicBinding,
} from '../contract/binding.js';
import { encodeReferences } from '../contract/references.js';

/** A construct that tells clients where its resource is and how it was configured. */
export interface IBoundResource {
  /**
   * What the clients read. Values of the deployment are CDK tokens, and what is added later (a subscription, a message
   * type) shows in it at once.
   */
  readonly binding: Binding;

  /**
   * The binding as environment variables for a container or a function: one variable, whose value is the binding's
   * JSON with the deployment's values filled in.
   */
  readonly bindingEnvironment: Readonly<Record<string, string>>;
}

/** The environment of one binding. Tokens are resolved at synth, so what the binding learns until then is in it. */
export function environmentOf(scope: Construct, binding: Binding): Record<string, string> {
  return { [bindingVariable(binding.kind, binding.name)]: bindingJson(scope, binding) };
}

/** The binding as JSON with tokens, its message types as one line. */
export function bindingJson(scope: Construct, binding: Binding): string {
  return Stack.of(scope).toJsonString('messages' in binding ? withOneLine(binding) : binding);
}

/** Still getters: what the binding learns until synth must be in it. */
function withOneLine(binding: QueueBinding | TopicBinding): object {
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(binding),
      messages: { enumerable: true, get: () => encodeReferences(binding.messages) },
    },
  );
}

/** A message or record as a binding names it. */
export const referenceTo = (definition: ContractReference): ContractReference => ({
  name: definition.name,
  version: definition.version,
});
