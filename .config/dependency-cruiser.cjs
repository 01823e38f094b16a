/** The layers of docs/ARCHITECTURE.md, as rules. Type imports count, and so does what is reached through others. */
const layer = (name, ...allowed) => ({
  name: `${name}-imports-${allowed.length ? allowed.join('-') : 'nothing-else'}`,
  severity: 'error',
  comment: `lib/${name} may import ${[name, ...allowed].join(', ')} only`,
  from: { path: `^lib/${name}/` },
  to: { path: '^(lib|bin|examples|test)/', pathNot: `^lib/(${[name, ...allowed].join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    layer('core'),
    layer('contract', 'core'),
    layer('cdk', 'core', 'contract'),
    layer('runtime', 'core', 'contract'),
    layer('emulator', 'core', 'contract'),
    layer('local', 'core', 'contract', 'emulator'),
    layer('testing', 'core', 'contract', 'runtime', 'emulator', 'local'),
    {
      name: 'core-and-contract-touch-no-node-and-no-aws',
      severity: 'error',
      from: { path: '^lib/(core|contract)/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        pathNot: '@standard-schema/spec',
      },
    },
    {
      name: 'cdk-never-reaches-the-sdk',
      severity: 'error',
      from: { path: '^lib/cdk/' },
      to: { path: 'node_modules/@(aws-sdk|smithy)/', reachable: true },
    },
    {
      name: 'only-cdk-reaches-aws-cdk-lib',
      severity: 'error',
      from: { path: '^lib/(core|contract|runtime|emulator|local|testing)/' },
      to: { path: 'node_modules/(aws-cdk-lib|constructs)/', reachable: true },
    },
    {
      name: 'examples-use-the-public-doors',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^lib/', pathNot: '^lib/(cdk|runtime|contract|testing)/index\\.ts$' },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: '^lib/' },
      to: {
        dependencyTypes: ['npm-dev'],
        pathNot: 'node_modules/(@types|@aws-sdk|@opentelemetry/api|aws-cdk-lib|constructs|dynalite)/',
      },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
