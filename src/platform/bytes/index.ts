export { CollectedBytes } from './collected-bytes';
