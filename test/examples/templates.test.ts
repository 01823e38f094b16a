import { readFileSync } from 'node:fs';
import { TEMPLATES } from '../../examples/catalogue.js';
import { assetHashSerializer, drawTopology, readTopology } from '../../lib/testing/index.js';
import { openTemplate, statefulIds } from './support/template.js';

expect.addSnapshotSerializer(assetHashSerializer);

describe.each(Object.keys(TEMPLATES))('the template %s', (name) => {
  const { synthesized } = openTemplate(name);

  it('keeps the logical ids of everything that holds data: a new one is a replacement', () => {
    expect(statefulIds(synthesized())).toMatchSnapshot();
  });

  it('keeps its template', () => {
    expect(synthesized().templates).toMatchSnapshot();
  });

  it('leaves the checks at synth nothing to say', () => {
    expect(synthesized().said).toBe('');
  });

  it('is drawn as it is (npm run docs draws it anew)', () => {
    const drawing = readFileSync(`examples/${name}/topology.svg`, 'utf8');
    expect(drawing === drawTopology(readTopology(synthesized().assembly))).toBe(true);
  });
});
