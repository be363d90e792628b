/**
 * The import rules of docs/architecture.md. Type-only imports are told from value imports:
 * a workflow that imported an activity's value would be bundled silently otherwise.
 */
const VALUE = { dependencyTypesNot: ['type-only'] };
const ownTests = '\\.test\\.ts$';

/** `from` may import, within src/, only the folders in `may` (by value) and `mayTypes` (by type). */
function layer(name, may, mayTypes = []) {
  const allowed = [name, ...may].map((folder) => `^src/${folder}/`);
  const allowedTypes = [...allowed, ...mayTypes.map((folder) => `^src/${folder}(/|\\.ts$)`)];
  return [
    {
      name: `${name}-values`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: ownTests },
      to: { path: '^src/', pathNot: allowed, ...VALUE },
    },
    {
      name: `${name}-types`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: ownTests },
      to: { path: '^src/', pathNot: allowedTypes, dependencyTypes: ['type-only'] },
    },
  ];
}

const temporal = '^(node_modules/)?@temporalio/';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: [ownTests, '^src/cli/main\\.ts$', '^src/worker/make-bundle\\.ts$'],
      },
      to: {},
    },
    ...layer('domain', []),
    ...layer('config', ['domain']),
    ...layer('plan', ['domain']),
    ...layer('workflows', ['domain'], ['activities']),
    ...layer('process', ['domain']),
    ...layer('backup', ['domain', 'process']),
    ...layer('migrations', ['domain', 'process']),
    ...layer(
      'activities',
      ['domain', 'config', 'plan', 'process'],
      ['targets/target', 'backup', 'migrations', 'process'],
    ),
    ...layer('images', ['domain', 'process']),
    ...layer('cluster', ['domain', 'process', 'images']),
    ...layer('targets', ['domain', 'process', 'images', 'cluster']),
    ...layer('engine', ['domain', 'config', 'process']),
    ...layer('client', ['domain', 'workflows/messages'], ['workflows']),
    ...layer('cli', [
      'client',
      'plan',
      'domain',
      'config',
      'engine',
      'worker',
      'cluster',
      'process',
    ]),
    {
      name: 'domain-imports-nothing',
      severity: 'error',
      from: { path: '^src/(domain|plan)/', pathNot: ownTests },
      to: { path: ['node_modules', '^node:'], pathNot: 'semver', ...VALUE },
    },
    {
      name: 'workflows-only-temporal-workflow',
      severity: 'error',
      from: { path: '^src/workflows/', pathNot: ownTests },
      to: { path: ['node_modules', '^node:'], pathNot: '@temporalio/workflow', ...VALUE },
    },
    {
      name: 'targets-know-no-temporal',
      severity: 'error',
      from: { path: '^src/(targets|images|cluster|backup|migrations|process|config|plan|domain)/' },
      to: { path: temporal },
    },
    {
      name: 'targets-know-no-sibling',
      severity: 'error',
      from: { path: '^src/targets/([^/]+)/' },
      to: { path: '^src/targets/([^/]+)/', pathNot: '^src/targets/$1/' },
    },
    {
      name: 'only-process-spawns',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/process/', ownTests] },
      to: { path: '^(node:)?child_process$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
