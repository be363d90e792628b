/** The workflows, by the names that people start them with. */
export { plan } from './plan.ts';
export { rollback } from './rollback.ts';
export { upgrade } from './upgrade.ts';
