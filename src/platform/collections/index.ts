export { groupedBy } from './grouped-by';
