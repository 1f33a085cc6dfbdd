import ts from 'typescript';

/** A parameter or a constant of a called function, and where its value is to be read. */
type Bindings = ReadonlyMap<ts.Symbol, { readonly node: ts.Expression; readonly bindings: Bindings }>;
type FunctionNode = ts.FunctionLikeDeclaration & { readonly body?: ts.Node };

const NOTHING: Bindings = new Map();
/** A text with more variants than this is not meant to be read by people either. */
const MAX_VARIANTS = 64;

/** The text depends on a parameter of this function: it is known at each of its calls. */
class DependsOnCaller extends Error {
  constructor(readonly owner: FunctionNode) {
    super('depends on its caller');
  }
}

/** Why a text is not known before the program runs. */
export class NotConstant extends Error {}

/**
 * Evaluates expressions of constant parts: templates, constants of any file, functions of constants, conditions (both
 * ways), and parameters of functions that are called with constants (each call is a variant).
 */
export class ConstantTexts {
  private readonly calls = new Map<ts.Node, ts.CallExpression[]>();

  constructor(
    private readonly checker: ts.TypeChecker,
    files: readonly ts.SourceFile[],
  ) {
    for (const file of files) this.index(file);
  }

  /** Every text that the expression may have. Throws NotConstant. */
  of(node: ts.Expression): string[] {
    return [...new Set(this.overCallers(node, NOTHING, []))];
  }

  private index(node: ts.Node): void {
    if (ts.isCallExpression(node)) {
      const owner = this.functionOf(node.expression);
      if (owner) this.calls.set(owner, [...(this.calls.get(owner) ?? []), node]);
    }
    ts.forEachChild(node, (child) => this.index(child));
  }

  private overCallers(node: ts.Expression, bindings: Bindings, through: readonly FunctionNode[]): string[] {
    try {
      return this.texts(node, bindings);
    } catch (error) {
      if (!(error instanceof DependsOnCaller)) throw error;
      const { owner } = error;
      const calls = this.calls.get(owner) ?? [];
      if (calls.length === 0 || through.includes(owner))
        throw new NotConstant(`${nameOf(owner)} has no call to be read`);
      return calls.flatMap((call) =>
        this.overCallers(node, this.bound(owner, call.arguments, NOTHING, bindings), [...through, owner]),
      );
    }
  }

  private texts(node: ts.Expression, bindings: Bindings): string[] {
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return [node.text];
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
      return this.texts(node.expression, bindings);
    }
    if (ts.isNonNullExpression(node)) return this.texts(node.expression, bindings);
    if (ts.isTemplateExpression(node)) {
      const parts = node.templateSpans.map(({ expression, literal }) =>
        this.texts(expression, bindings).map((text) => text + literal.text),
      );
      return product([[node.head.text], ...parts]);
    }
    if (ts.isConditionalExpression(node)) {
      return [...this.texts(node.whenTrue, bindings), ...this.texts(node.whenFalse, bindings)];
    }
    if (ts.isBinaryExpression(node)) return this.calculated(node, bindings);
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return this.named(node, bindings);
    if (ts.isCallExpression(node)) return this.called(node, bindings);
    throw notConstant(node);
  }

  private calculated(node: ts.BinaryExpression, bindings: Bindings): string[] {
    const [left, right] = [this.texts(node.left, bindings), this.texts(node.right, bindings)];
    const isNumber = [...left, ...right].every((text) => text !== '' && !Number.isNaN(Number(text)));
    if (node.operatorToken.kind === ts.SyntaxKind.PlusToken && !isNumber) return product([left, right]);
    const [a, b] = [Number(left[0]), Number(right[0])];
    const results: Partial<Record<ts.SyntaxKind, number>> = {
      [ts.SyntaxKind.PlusToken]: a + b,
      [ts.SyntaxKind.MinusToken]: a - b,
      [ts.SyntaxKind.AsteriskToken]: a * b,
      [ts.SyntaxKind.AsteriskAsteriskToken]: a ** b,
    };
    const result = results[node.operatorToken.kind];
    if (!isNumber || result === undefined) throw notConstant(node);
    return [String(result)];
  }

  private named(node: ts.Identifier | ts.PropertyAccessExpression, bindings: Bindings): string[] {
    const symbol = this.symbolOf(node);
    const bound = symbol && bindings.get(symbol);
    if (bound) return this.texts(bound.node, bound.bindings);
    const declaration = symbol?.valueDeclaration;
    if (declaration && ts.isVariableDeclaration(declaration) && declaration.initializer) {
      if (declaration.parent.flags & ts.NodeFlags.Const) return this.texts(declaration.initializer, bindings);
    }
    if (declaration && ts.isPropertyAssignment(declaration)) return this.texts(declaration.initializer, bindings);
    const literals = literalsOf(this.checker.getTypeAtLocation(node));
    if (literals) return literals;
    if (declaration && ts.isParameter(declaration)) throw new DependsOnCaller(declaration.parent as FunctionNode);
    throw notConstant(node);
  }

  private called(node: ts.CallExpression, bindings: Bindings): string[] {
    const callee = node.expression;
    if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'join') {
      const separator = node.arguments[0] ? this.texts(node.arguments[0], bindings)[0]! : ',';
      const items = this.items(callee.expression, bindings);
      return product(items.map((item, index) => (index === 0 ? item : item.map((text) => separator + text))));
    }
    const bound = ts.isIdentifier(callee) ? bindings.get(this.symbolOf(callee)!) : undefined;
    const owner = this.functionOf(bound?.node ?? callee);
    if (!owner?.body) throw notConstant(node);
    return this.returned(owner, this.bound(owner, node.arguments, bindings, bindings));
  }

  /** An array's items, each with its variants. */
  private items(node: ts.Expression, bindings: Bindings): string[][] {
    if (ts.isAsExpression(node)) return this.items(node.expression, bindings);
    if (ts.isArrayLiteralExpression(node)) return node.elements.map((element) => this.texts(element, bindings));
    if (ts.isIdentifier(node)) {
      const declaration = this.symbolOf(node)?.valueDeclaration;
      if (declaration && ts.isVariableDeclaration(declaration) && declaration.initializer) {
        return this.items(declaration.initializer, bindings);
      }
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: list, name } = node.expression;
      const mapping = node.arguments[0];
      if (name.text === 'map' && mapping && ts.isArrowFunction(mapping) && ts.isArrayLiteralExpression(list)) {
        return list.elements.map((element) =>
          this.returned(mapping, this.bound(mapping, [element], bindings, bindings)),
        );
      }
    }
    throw notConstant(node);
  }

  private returned(owner: FunctionNode, bindings: Bindings): string[] {
    const { body } = owner;
    if (!body) throw new NotConstant(`${nameOf(owner)} has no body`);
    if (!ts.isBlock(body)) return this.texts(body as ts.Expression, bindings);
    const returns: ts.Expression[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isReturnStatement(node) && node.expression) returns.push(node.expression);
      else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
    };
    ts.forEachChild(body, visit);
    return returns.flatMap((expression) => this.texts(expression, bindings));
  }

  /** `own` with the parameters of the function, which are read where the call stands. */
  private bound(owner: FunctionNode, values: readonly ts.Expression[], atCall: Bindings, own: Bindings): Bindings {
    const all = new Map(own);
    owner.parameters.forEach((parameter, index) => {
      const node = values[index] ?? parameter.initializer;
      const symbol = this.checker.getSymbolAtLocation(parameter.name);
      if (symbol && node) all.set(symbol, { node, bindings: atCall });
    });
    return all;
  }

  private functionOf(node: ts.Expression): FunctionNode | undefined {
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return node;
    const declaration = this.symbolOf(node)?.valueDeclaration;
    if (!declaration) return undefined;
    if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) return declaration;
    const isConstant = ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration);
    return isConstant && declaration.initializer && ts.isArrowFunction(declaration.initializer)
      ? declaration.initializer
      : undefined;
  }

  private symbolOf(node: ts.Expression): ts.Symbol | undefined {
    const symbol = this.checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }
}

function literalsOf(type: ts.Type): string[] | undefined {
  const members = type.isUnion() ? type.types : [type];
  const texts = members.map((member) =>
    member.isStringLiteral() || member.isNumberLiteral() ? String(member.value) : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function product(parts: readonly (readonly string[])[]): string[] {
  const all = parts.reduce<string[]>((texts, part) => texts.flatMap((text) => part.map((more) => text + more)), ['']);
  if (all.length > MAX_VARIANTS) throw new NotConstant(`has more than ${MAX_VARIANTS} variants`);
  return all;
}

function nameOf(owner: FunctionNode): string {
  return owner.name?.getText() ?? 'an arrow function';
}

function notConstant(node: ts.Node): NotConstant {
  return new NotConstant(`${node.getText().slice(0, 60)} is not known before the program runs`);
}
