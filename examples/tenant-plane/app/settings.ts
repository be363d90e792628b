/** The application's settings, all from its environment. */
export interface Settings {
  readonly databaseUrl: string;
  readonly serviceSecret: string;
  readonly migrateOnStartup: boolean;
}

/**
 * Reads the settings.
 *
 * @throws Error naming a variable that is missing.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return {
    databaseUrl: required(environment, 'TENANT_PLANE_DATABASE_URL'),
    serviceSecret: required(environment, 'INTERNAL_SERVICE_SECRET'),
    migrateOnStartup: environment['MIGRATE_ON_STARTUP'] !== 'off',
  };
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
