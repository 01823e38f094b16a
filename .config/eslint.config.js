import eslint from '@eslint/js';
import jest from 'eslint-plugin-jest';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**', 'cdk.out/**', 'demo-report/**', 'node_modules/**'] },
  { files: ['**/*.ts'], extends: [eslint.configs.recommended, ...tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: new URL('..', import.meta.url).pathname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Numbers in messages and keys are wanted everywhere: "got 7, allowed 1-5".
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message: 'name what you export: the export list is the public surface',
        },
        {
          selector: 'ExportDefaultDeclaration',
          message: 'export by name: default exports lose their name at the import',
        },
      ],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 18],
      // Record<never, …> is how 'no attributes' is spelt in a type parameter's default.
      '@typescript-eslint/no-generated-empty-object-type': 'off',
    },
  },
  {
    files: ['lib/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'ClassDeclaration'],
        },
      ],
      'jsdoc/no-types': 'error',
    },
  },
  {
    // An ES module that names something of a CommonJS one has Node load all of it: a synth that uses neither ECS nor EC2
    // would start in twice the time. The namespaces of 'aws-cdk-lib' load what is touched.
    files: ['lib/cdk/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['aws-cdk-lib/*'],
              allowTypeImports: true,
              message: "import { aws_… } from 'aws-cdk-lib' loads it only when it is used",
            },
          ],
        },
      ],
    },
  },
  {
    // Decisions are functions of what they are given: a clock or a coin inside them could not be replayed.
    files: ['lib/core/**/*.ts', 'lib/emulator/{sqs,sns,kinesis}/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
        { object: 'performance', property: 'now' },
      ],
    },
  },
  {
    files: ['lib/core/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'core decides; it never waits' },
        { selector: 'ExportAllDeclaration', message: 'name what you export' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'time is given to core, never read',
        },
      ],
    },
  },
  { files: ['test/**/*.ts'], ...jest.configs['flat/recommended'] },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect', 'fc.assert', '**.hasResource*', '**.resourceCountIs', 'expect*'] },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
