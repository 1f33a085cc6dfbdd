export interface KeyRow {
  readonly id: string;
  readonly nodeId: string;
  readonly name: string;
  readonly permissions: string[];
  readonly expiresAt: Date | null;
  readonly deleted: boolean;
  readonly secretNumber: number;
  readonly previousSecretUntil: Date | null;
}
export interface NodeRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly path: string;
  readonly merchantId: string | null;
}
export interface World {
  readonly keys: ReadonlyMap<string, KeyRow>;
  readonly nodes: ReadonlyMap<string, NodeRow>;
}

export const endOf = (key: KeyRow): number => key.expiresAt?.getTime() ?? Infinity;
export const isLive = (key: KeyRow): boolean => !key.deleted && endOf(key) > Date.now();
export const reaches = (key: KeyRow, node: NodeRow): boolean => node.path.includes(`/${key.nodeId}/`);

/** No key is given an end after the caller's own. */
export function expectNothingLater(before: World, after: World, caller: KeyRow): void {
  for (const key of after.keys.values()) {
    const was = before.keys.get(key.id);
    if (was && endOf(was) === endOf(key)) continue;
    expect(endOf(key)).toBeLessThanOrEqual(endOf(caller));
  }
}

/** Until when anybody may do what to a node, or on behalf of the merchant that it is bound to. */
function powerOver(world: World, node: NodeRow): Map<string, number> {
  const power = new Map<string, number>();
  for (const key of world.keys.values()) {
    if (!isLive(key) || !reaches(key, node)) continue;
    for (const right of ['be there', ...key.permissions]) {
      power.set(right, Math.max(power.get(right) ?? 0, endOf(key)));
    }
  }
  return power;
}

/** Nothing that a caller does gives all keys together more than they had: a right, a node, or a day. */
export function expectNoMorePower(before: World, after: World): void {
  for (const node of after.nodes.values()) {
    const was = before.nodes.get(node.id) ?? before.nodes.get(node.parentId!)!;
    const had = powerOver(before, was);
    for (const [right, until] of powerOver(after, node)) {
      const most = had.get(right) ?? 0;
      if (until > most) throw new Error(`${right} over ${node.path} until ${until}, not ${most}`);
    }
    if (!before.nodes.has(node.id) && node.merchantId !== null) expect(was.merchantId).toBe(node.merchantId);
  }
}

/** A key that holds more than the caller did is as it was: name, rights, end, secret, place and reach. */
export function expectNothingStrongerTouched(before: World, after: World, caller: KeyRow): void {
  const held = new Set(caller.permissions);
  for (const key of before.keys.values()) {
    const isStronger = endOf(key) > endOf(caller) || !key.permissions.every((each) => held.has(each));
    if (!isLive(key) || !isStronger) continue;
    expect(after.keys.get(key.id)).toEqual(key);
    for (const node of before.nodes.values()) {
      expect(reaches(key, after.nodes.get(node.id)!)).toBe(reaches(key, node));
    }
    expect(after.nodes.get(key.nodeId)!.path).toBe(before.nodes.get(key.nodeId)!.path);
  }
}
