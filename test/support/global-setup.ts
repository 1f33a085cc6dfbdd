import { enterRunFolders } from './run-folders';

/** jest globalSetup of suites that need no database. */
export default function prepareTheRun(): void {
  enterRunFolders();
}
