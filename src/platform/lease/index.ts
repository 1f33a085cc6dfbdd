export { HeldLease } from './held-lease';
export { BESIDE_US, hasEnded, leaseOwner } from './lease-owner';
