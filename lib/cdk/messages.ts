import type { MessageDefinition } from '../contract/message.js';
import { show } from './bounds.js';

/** What is wrong with a list of message declarations: not declarations, or two of one name. */
export function messageViolations(prop: string, messages: readonly MessageDefinition[]): string[] {
  if (!Array.isArray(messages)) {
    return [`${prop} must be a list of what defineMessage() made, got ${show(messages)}`];
  }
  const given: readonly unknown[] = messages;
  const foreign = given.filter((message) => !isMessage(message));
  if (foreign.length > 0) {
    return [`${prop} must hold only what defineMessage() made, got ${foreign.map(show).join(', ')}`];
  }
  const names = given.filter(isMessage).map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return repeated.map((name) => `${prop} names the message '${name}' twice: name it once`);
}

/** FIFO orders by group, so a message without one can't be published there. */
export function groupViolations(where: string, messages: readonly MessageDefinition[]): string[] {
  if (!Array.isArray(messages)) return [];
  return messages
    .filter((message) => isMessage(message) && message.group === undefined)
    .map(
      ({ name }) =>
        `message '${name}' declares no group, which ${where} needs: add group to its defineMessage()`,
    );
}

/** What is wrong with a choice among the messages of a topic, and with conditions on their attributes. */
export function choiceViolations(
  carried: readonly MessageDefinition[],
  messages: readonly MessageDefinition[] | undefined,
  where: Readonly<Record<string, unknown>>,
): string[] {
  const chosen = messages ?? carried;
  const names = carried.map(({ name }) => name);
  const isFiltered = Object.keys(where).length > 0;
  return [
    ...(messages?.length === 0
      ? ['messages is an empty list and would match nothing: leave it out to get all']
      : []),
    ...chosen
      .filter(({ name }) => !names.includes(name))
      .map(
        ({ name }) =>
          `message '${name}' is not carried by this topic (it carries ${names.join(', ')}): add it to the topic's messages`,
      ),
    ...chosen
      .filter((message) => isFiltered && message.attributes === undefined)
      .map(
        ({ name }) =>
          `message '${name}' declares no attributes, so no copy of it would pass where: choose other messages, or add attributes to its defineMessage()`,
      ),
  ];
}

const isMessage = (value: unknown): value is MessageDefinition =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'message';
