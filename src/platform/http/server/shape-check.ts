import { isFitText, TEXT_RULE } from '../params/text-rule';
import { joined, type Problems } from './problems';
import type { Field, Shape } from './request-shape';

/** A character that is counted once may be written in so many code units; the validators count exactly. */
const UNITS_PER_CHARACTER = 4;

type Members = Record<string, unknown>;

/**
 * Bounds what validators are shown, in one pass: unknown members, lists and texts beyond their limit, and texts that
 * cannot be stored become problems and are taken away; a container where none is expected is emptied. The value is
 * changed.
 */
export class ShapeCheck {
  constructor(
    private readonly problems: Problems,
    /** Of members that the shape does not know. */
    private readonly unknown: 'refused' | 'ignored',
  ) {}

  object(value: Members, shape: Shape, path = ''): void {
    for (const name of Object.keys(value)) {
      if (this.problems.full) return;
      const field = shape.get(name);
      if (field && this.fits(value, name, field, joined(path, name))) continue;
      if (!field && this.unknown === 'refused') this.problems.add(joined(path, name), ['is not a known field']);
      delete value[name];
    }
  }

  /** False: what is there is taken away. */
  private fits(parent: Members, name: string, field: Field, path: string): boolean {
    const member = parent[name];
    if (typeof member === 'string') return this.text(member, field, path);
    if (member === null || typeof member !== 'object') return true;
    if (Array.isArray(member)) {
      if (field.list) return this.list(member, field, path);
      if (field.nested || field.open) return this.refuse(path, 'must be an object');
      parent[name] = [];
    } else if (field.nested && !field.list) {
      this.object(member as Members, field.nested, path);
    } else if (field.open) {
      this.openObject(member as Members, field, path);
    } else {
      parent[name] = {};
    }
    return true;
  }

  private openObject(members: Members, field: Field, path: string): void {
    for (const [name, member] of Object.entries(members)) {
      if (this.problems.full) return;
      if (typeof member === 'string' && !this.text(member, field, joined(path, name))) delete members[name];
      else if (typeof member === 'object' && member !== null) members[name] = Array.isArray(member) ? [] : {};
    }
  }

  private list(items: unknown[], field: Field, path: string): boolean {
    if (items.length > field.maxItems) {
      return this.refuse(path, `must contain no more than ${field.maxItems} elements`);
    }
    for (const [at, item] of items.entries()) {
      if (this.problems.full) return true;
      if (typeof item === 'string') {
        // its place stays, so that the others keep theirs
        if (!this.text(item, field, joined(path, at))) items[at] = '';
      } else if (item === null || typeof item !== 'object') continue;
      else if (field.nested && !Array.isArray(item)) this.object(item as Members, field.nested, joined(path, at));
      else items[at] = Array.isArray(item) ? [] : {};
    }
    return true;
  }

  private text(text: string, field: Field, path: string): boolean {
    if (text.length > field.maxLength * UNITS_PER_CHARACTER) {
      return this.refuse(path, `must be shorter than or equal to ${field.maxLength} characters`);
    }
    return isFitText(text) || this.refuse(path, TEXT_RULE);
  }

  private refuse(path: string, rule: string): false {
    this.problems.add(path, [rule]);
    return false;
  }
}
